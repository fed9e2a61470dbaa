import type { Readable } from "node:stream"

/** Of a line; nobody has so much to say. */
const maxLineBytes = 1024 * 1024

/** Passes on the lines of a stream, and ends it when one is too long. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let parts: Buffer[] = []
  let size = 0
  stream.on("data", (chunk: Buffer) => {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
      onLine(Buffer.concat([...parts, chunk.subarray(start, end)]).toString("utf8"))
      parts = []
      size = 0
      start = end + 1
    }
    if (start === chunk.length) return
    parts.push(chunk.subarray(start))
    size += chunk.length - start
    if (size > maxLineBytes) stream.destroy()
  })
}
