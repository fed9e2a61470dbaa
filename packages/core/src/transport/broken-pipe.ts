import type { Duplex } from "node:stream"

/**
 * Lets a stream be read to its end although its peer takes nothing any more. Node destroys a stream when a write
 * fails, and with it the results that a worker had written just before it died.
 */
export function ignoreBrokenPipe(stream: Duplex): void {
  const write = stream._write.bind(stream)
  stream._write = (chunk, encoding, callback) =>
    write(chunk, encoding, (error) => callback(unlessBroken(error)))
  const writev = stream._writev?.bind(stream)
  if (writev === undefined) return
  stream._writev = (chunks, callback) => writev(chunks, (error) => callback(unlessBroken(error)))
}

/** Whether the error says no more than that the peer has gone. */
export function isBrokenPipe(error: Error): boolean {
  return "code" in error && (error.code === "EPIPE" || error.code === "ECONNRESET")
}

function unlessBroken(error: Error | null | undefined): Error | null {
  return error instanceof Error && !isBrokenPipe(error) ? error : null
}
