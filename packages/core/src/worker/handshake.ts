import type { Duplex } from "node:stream"
import { maxHelloBytes } from "../protocol/limits.js"

const newline = 0x0a

/**
 * Reads the first line of a worker's channel and leaves the stream right behind it.
 * @returns the line, or `undefined` when the channel ended before it was complete.
 * @throws when the line is longer than 4 MiB, or the signal aborts.
 */
export function readHelloLine(stream: Duplex, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const finish = (settle: () => void): void => {
      stream.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onEnd)
      signal.removeEventListener("abort", onAbort)
      stream.pause()
      settle()
    }
    const onEnd = (): void => finish(() => resolve(undefined))
    const onAbort = (): void => finish(() => reject(signal.reason))
    const onData = (chunk: Buffer): void => {
      const at = chunk.indexOf(newline)
      size += at < 0 ? chunk.length : at
      if (size > maxHelloBytes) {
        return finish(() => reject(new Error(`the hello line is longer than ${maxHelloBytes} bytes`)))
      }
      parts.push(at < 0 ? chunk : chunk.subarray(0, at))
      if (at < 0) return
      finish(() => {
        const rest = chunk.subarray(at + 1)
        if (rest.length > 0) stream.unshift(rest)
        resolve(Buffer.concat(parts).toString("utf8"))
      })
    }
    if (signal.aborted) return reject(signal.reason)
    signal.addEventListener("abort", onAbort, { once: true })
    stream.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onEnd)
  })
}
