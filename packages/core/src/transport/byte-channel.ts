import type { Duplex } from "node:stream"
import type { Frame } from "../protocol/frame.js"
import { ProtocolViolation } from "../protocol/violation.js"
import { ignoreBrokenPipe, isBrokenPipe } from "./broken-pipe.js"
import type { FrameCodec } from "./codec.js"
import { Outbox } from "./outbox.js"
import type { SharedLane } from "./shared/lane.js"
import type { CloseReason, FrameChannel, Journal } from "./transport.js"

export interface ByteChannelOptions {
  /** Bytes that may be queued before `writable` turns false. Default 1 MiB. */
  readonly highWaterMark?: number | undefined
  /** Where the end of the stream stands, if its writer died before writing it. Default: nowhere. */
  readonly journal?: Journal | undefined
  /** Where large attachments travel in place of the stream; closed with the channel. Default: nowhere. */
  readonly lane?: SharedLane | undefined
}

/** Frames on a stream of bytes. It reads nothing before `onFrames`, so that nothing can be lost or pile up. */
export class ByteChannel implements FrameChannel {
  readonly #stream: Duplex
  readonly #codec: FrameCodec
  readonly #outbox: Outbox
  readonly #journal: Journal | undefined
  readonly #lane: SharedLane | undefined
  readonly #writableListeners: (() => void)[] = []
  readonly #closedListeners: ((reason: CloseReason) => void)[] = []
  #handler: ((batch: readonly Frame[]) => void) | undefined
  #received = 0
  #closing = false
  #closed: CloseReason | undefined

  constructor(
    stream: Duplex,
    codec: FrameCodec,
    { highWaterMark = 1024 * 1024, journal, lane }: ByteChannelOptions = {},
  ) {
    this.#stream = stream
    this.#codec = codec
    this.#journal = journal
    this.#lane = lane
    this.#outbox = new Outbox(stream, highWaterMark, () => {
      for (const listener of this.#writableListeners) listener()
    })
    ignoreBrokenPipe(stream)
    stream.on("end", () => this.#ended())
    stream.on("error", (error) => this.#failed(error))
    stream.on("close", () => this.#finish({ kind: "io", message: "the stream was destroyed" }))
    if (stream.destroyed) process.nextTick(() => this.#ended())
    lane?.start((frame) => this.send(frame))
  }

  get sharedMemory(): boolean {
    return this.#lane?.usable === true
  }

  get writable(): boolean {
    return this.#outbox.writable
  }

  send(frame: Frame): number {
    const encoded = this.#codec.encode(frame)
    if (!this.#closing && this.#closed === undefined) this.#outbox.add(encoded)
    return encoded.size
  }

  onWritable(listener: () => void): void {
    this.#writableListeners.push(listener)
  }

  onFrames(handler: (batch: readonly Frame[]) => void): void {
    if (this.#handler === undefined) {
      this.#stream.on("data", (chunk: Buffer) => this.#read(chunk))
      this.#stream.resume()
    }
    this.#handler = handler
  }

  onClosed(listener: (reason: CloseReason) => void): void {
    const reason = this.#closed
    if (reason === undefined) this.#closedListeners.push(listener)
    else process.nextTick(() => listener(reason))
  }

  close(): void {
    if (this.#closing || this.#closed !== undefined) return
    this.#outbox.flush()
    this.#closing = true
    this.#stream.end(() => this.#stream.destroy())
  }

  #read(chunk: Buffer): void {
    this.#received += chunk.length
    if (this.#closing || this.#closed !== undefined) return
    const frames: Frame[] = []
    const malformed = attempt(() => this.#codec.decoder.feed(chunk, frames))
    const violation = this.#sideline(frames) ?? malformed
    if (frames.length > 0) this.#handler?.(frames)
    if (violation !== undefined) this.#finish({ kind: "protocol", message: violation.message })
  }

  /** Takes out what is for the lane. */
  #sideline(frames: Frame[]): ProtocolViolation | undefined {
    const lane = this.#lane
    if (lane === undefined) return undefined
    const all = frames.splice(0)
    return attempt(() => {
      for (const frame of all) if (!lane.receive(frame)) frames.push(frame)
    })
  }

  #readJournal(): void {
    const rest = this.#journal?.finish(this.#received)
    if (rest !== undefined && rest.length > 0) this.#read(rest)
  }

  #ended(): void {
    this.#readJournal()
    const violation = attempt(() => this.#codec.decoder.end())
    this.#finish(violation === undefined ? { kind: "eof" } : { kind: "protocol", message: violation.message })
  }

  #failed(error: Error): void {
    if (isBrokenPipe(error)) return this.#ended()
    this.#readJournal()
    this.#finish({ kind: "io", message: error.message })
  }

  #finish(reason: CloseReason): void {
    if (this.#closed !== undefined) return
    this.#closed = this.#closing ? { kind: "closed" } : reason
    this.#journal?.finish(this.#received)
    this.#lane?.close()
    this.#stream.destroy()
    for (const listener of this.#closedListeners) listener(this.#closed)
  }
}

function attempt(decode: () => void): ProtocolViolation | undefined {
  try {
    decode()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolViolation) return error
    throw error
  }
}
