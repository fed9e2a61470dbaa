import type { Socket } from "node:net"
import { Duplex, type Readable, type Writable } from "node:stream"

type Done = (error?: Error | null) => void

/**
 * Makes a socket outlive its failed writes. Node destroys a socket whose peer is gone at the first write,
 * with everything that the peer had said and nobody has read yet.
 */
export function socketChannel(socket: Socket): Duplex {
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  socket._write = (chunk, encoding, done) => write(chunk, encoding, ignoringErrors(done))
  if (writev) socket._writev = (chunks, done) => writev(chunks, ignoringErrors(done))
  // Whoever reads sees the end; an error without a listener would end this process.
  socket.on("error", () => {})
  return socket
}

function ignoringErrors(done: Done): Done {
  return () => done()
}

/** One duplex stream made of a worker's stdin and stdout. */
export class StdioChannel extends Duplex {
  readonly #stdin: Writable
  readonly #stdout: Readable

  constructor(stdin: Writable, stdout: Readable) {
    super({ allowHalfOpen: false })
    this.#stdin = stdin
    this.#stdout = stdout
    stdout.pause()
    stdout.on("data", (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause()
    })
    stdout.once("end", () => this.push(null))
    stdout.once("close", () => this.push(null))
    stdout.on("error", () => {})
    stdin.on("error", () => {})
    this.on("error", () => {})
  }

  override _read(): void {
    this.#stdout.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: Done): void {
    this.#stdin.write(chunk, encoding, ignoringErrors(done))
  }

  override _writev(chunks: readonly { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    this.#stdin.cork()
    const last = chunks.length - 1
    chunks.forEach(({ chunk, encoding }, index) => {
      this.#stdin.write(chunk, encoding, index === last ? ignoringErrors(done) : undefined)
    })
    this.#stdin.uncork()
  }

  override _final(done: Done): void {
    this.#stdin.end(ignoringErrors(done))
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#stdin.destroy()
    this.#stdout.destroy()
    done(error)
  }
}
