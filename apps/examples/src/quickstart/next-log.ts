import type { Snakepit } from "@snakepit/core"

const patienceMs = 5000

/** The next line that a worker logs. @throws {Error} when there is none for five seconds. */
export function nextLog(pit: Snakepit): Promise<string> {
  return new Promise((resolve, reject) => {
    const removeListener = pit.on("snakepit.log", ({ metadata }) => {
      clearTimeout(timer)
      removeListener()
      resolve(metadata.message)
    })
    const timer = setTimeout(() => {
      removeListener()
      reject(new Error("no worker logged anything"))
    }, patienceMs)
  })
}
