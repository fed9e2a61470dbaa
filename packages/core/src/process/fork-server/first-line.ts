import type { Socket } from "node:net"

/** What a worker says first on each of its connections. */
const maxBytes = 512
/** How long it may take to say it. */
const patienceMs = 5000

/**
 * The first line of a connection, taken out of it: whoever reads the socket next begins behind it.
 *
 * @returns `undefined` when it is too long, does not come in time, or the connection ends.
 */
export function firstLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let held: Buffer = Buffer.alloc(0)
    const settle = (line: string | undefined): void => {
      clearTimeout(timer)
      socket.off("readable", read).off("close", giveUp)
      resolve(line)
    }
    const giveUp = (): void => settle(undefined)
    const read = (): void => {
      const part: Buffer | null = socket.read()
      if (part === null) return
      held = Buffer.concat([held, part])
      const end = held.indexOf(0x0a)
      if (end < 0 ? held.length > maxBytes : end > maxBytes) return giveUp()
      if (end < 0) return
      const rest = held.subarray(end + 1)
      settle(held.toString("utf8", 0, end))
      if (rest.length > 0) socket.unshift(rest)
    }
    const timer = setTimeout(giveUp, patienceMs).unref()
    socket.on("readable", read).once("close", giveUp)
  })
}
