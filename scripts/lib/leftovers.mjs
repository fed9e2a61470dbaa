import { readdirSync, readFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"

/** A mark that every process started with this environment carries, and passes on to its own children. */
export const markOf = (name) => ({ SNAKEPIT_TEST_RUN: `${process.pid}-${name}-${Date.now()}` })

/**
 * Kills the processes that still carry a mark after a grace period. Linux only; elsewhere none is found.
 * Zombies are not counted: nothing of them is left but their exit status.
 * @returns what was killed, as `"pid command"`
 */
export async function killLeftovers(mark, graceMs = 5_000) {
  const end = Date.now() + graceMs
  let alive = marked(mark)
  while (alive.length > 0 && Date.now() < end) {
    await sleep(50)
    alive = marked(mark)
  }
  for (const line of alive) kill(Number.parseInt(line, 10))
  return alive
}

function kill(pid) {
  try {
    process.kill(pid, "SIGKILL")
  } catch (error) {
    if (error.code !== "ESRCH") throw error
  }
}

function marked({ SNAKEPIT_TEST_RUN }) {
  if (process.platform !== "linux") return []
  const entry = `SNAKEPIT_TEST_RUN=${SNAKEPIT_TEST_RUN}`
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/environ`).split("\0").includes(entry))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim()}`)
}

/** Empty when the process ended meanwhile, or is not ours to look at. */
function read(file) {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
