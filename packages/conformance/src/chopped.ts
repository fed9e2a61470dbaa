import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { connect, createServer, type NetConnectOpts, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Duplex } from "node:stream"
import type { Transport } from "@snakepit/core/transport"

/** A transport whose bytes come and go in pieces of at most `size` bytes, wherever it runs. */
export function chopped(inner: Transport, size: number): Transport {
  return {
    ...inner,
    async open(io) {
      const target = socketAt(io.hello.address)
      if (target === undefined) return inner.open({ ...io, stream: new ChoppedStream(io.stream, size) })
      const address = await relay(target, size)
      return inner.open({ ...io, hello: { ...io.hello, address } })
    },
  }
}

/** What an address like `unix:/tmp/x/socket` or `tcp:127.0.0.1:80` leads to. */
function socketAt(address: string | null): NetConnectOpts | undefined {
  const [, kind, rest = ""] = /^(unix|tcp):(.*)$/.exec(address ?? "") ?? []
  if (kind === "unix") return { path: rest }
  return kind === "tcp" ? { host: "127.0.0.1", port: Number(rest.split(":").at(-1)) } : undefined
}

/** Passes one connection on, in pieces. @returns the address that leads there. */
async function relay(target: NetConnectOpts, size: number): Promise<string> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near: Socket) => {
    const far = connect({ ...target, allowHalfOpen: true, noDelay: true })
    const pieces = new ChoppedStream(near, size)
    pieces.pipe(far)
    far.pipe(pieces)
    for (const socket of [near, far]) socket.on("error", () => [near, far].map((each) => each.destroy()))
    far.on("close", () => near.destroy())
    near.on("close", () => far.destroy())
    server.close()
  })
  const unix = "path" in target
  const folder = unix ? await mkdtemp(join(tmpdir(), "relay-")) : undefined
  if (folder !== undefined) server.on("close", () => rm(folder, { recursive: true, force: true }))
  const path = join(folder ?? "", "socket")
  server.listen(unix ? { path } : { host: "127.0.0.1", port: 0 })
  await once(server, "listening")
  const bound = server.address()
  return typeof bound === "object" && bound !== null ? `tcp:127.0.0.1:${bound.port}` : `unix:${path}`
}

class ChoppedStream extends Duplex {
  readonly #inner: Duplex
  readonly #size: number

  constructor(inner: Duplex, size: number) {
    super({ allowHalfOpen: false })
    this.#inner = inner
    this.#size = size
    inner.pause()
    inner.on("data", (chunk: Buffer) => {
      let more = true
      for (const piece of this.#pieces(chunk)) more = this.push(piece)
      if (!more) inner.pause()
    })
    inner.once("end", () => this.push(null))
    inner.once("close", () => this.push(null))
    this.on("error", () => {})
  }

  override _read(): void {
    this.#inner.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const pieces = this.#pieces(chunk)
    const next = (error?: Error | null): void => {
      const piece = pieces.next()
      if (error || piece.done === true) done(error)
      else this.#inner.write(piece.value, next)
    }
    next()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#inner.end(done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#inner.destroy()
    done(error)
  }

  *#pieces(chunk: Buffer): Generator<Buffer, undefined> {
    for (let at = 0; at < chunk.length; at += this.#size) yield chunk.subarray(at, at + this.#size)
  }
}
