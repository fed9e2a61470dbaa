import { Duplex } from "node:stream"
import type { Frame, Transport } from "@snakepit/core/transport"

/** What went over a transport, in order. */
export interface Traffic {
  readonly transport: Transport
  readonly sent: Frame[]
  readonly received: Frame[]
}

/** A transport that writes down what it carries. */
export function spied(inner: Transport): Traffic {
  const sent: Frame[] = []
  const received: Frame[] = []
  const listening = altered(inner, (frame) => {
    received.push(frame)
    return [frame]
  })
  const open: Transport["open"] = async (io) => {
    const channel = await listening.open(io)
    const send = channel.send.bind(channel)
    channel.send = (frame) => {
      const size = send(frame)
      sent.push(frame)
      return size
    }
    return channel
  }
  return { sent, received, transport: { name: inner.name, open } }
}

/** A transport on which the worker seems to say other things than it does. */
export function altered(inner: Transport, alter: (frame: Frame) => readonly Frame[]): Transport {
  return {
    name: inner.name,
    async open(io) {
      const channel = await inner.open(io)
      const onFrames = channel.onFrames.bind(channel)
      channel.onFrames = (handler) => onFrames((batch) => handler(batch.flatMap(alter)))
      return channel
    },
  }
}

/** A transport whose bytes come and go in pieces of at most `size` bytes. */
export function chopped(inner: Transport, size: number): Transport {
  return {
    name: inner.name,
    open: (io) => inner.open({ ...io, stream: new ChoppedStream(io.stream, size) }),
  }
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
