import type { Readable } from "node:stream"

const newline = 0x0a
/** A path is shorter, however it is written. */
const maxBytes = 64 * 1024

/** What a stream says up to its first newline; it is read on, and what follows is passed over. */
export function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = Buffer.alloc(0)
    const settle = (act: () => void): void => {
      stream.off("data", onData).off("close", onClose).off("end", onClose).resume()
      act()
    }
    const onClose = (): void => settle(() => reject(new Error("the worker has closed its channel")))
    const onData = (chunk: Buffer): void => {
      text = Buffer.concat([text, chunk])
      const end = text.indexOf(newline)
      if (end >= 0) settle(() => resolve(text.toString("utf8", 0, end)))
      else if (text.length > maxBytes) settle(() => reject(new Error("the worker's first line does not end")))
    }
    stream.on("data", onData).once("close", onClose).once("end", onClose).resume()
  })
}
