import type { Duplex } from "node:stream"
import type { Frame } from "../protocol/frame.js"
import { type EncodedFrame, encodeFrame } from "../protocol/json-frame.js"
import { decodeFrame } from "../protocol/json-line.js"
import type { Limits } from "../protocol/limits.js"
import { ProtocolViolation } from "../protocol/violation.js"
import type { CloseReason, FrameChannel } from "../transport/transport.js"
import type { MemoryPipe } from "./memory-pipe.js"

export interface MemoryChannelOptions {
  /** The private channel; its end is the end of the peer. */
  readonly stream: Duplex
  readonly incoming: MemoryPipe
  readonly outgoing: MemoryPipe
  readonly limits: Limits
  /** Whether the peer reads raw attachments. */
  readonly attachments: boolean
}

/** One end of a connection inside this process. Frames are encoded and decoded, so values behave as over JSON. */
export class MemoryChannel implements FrameChannel {
  readonly #options: MemoryChannelOptions
  readonly #closedListeners: ((reason: CloseReason) => void)[] = []
  #handler: ((batch: readonly Frame[]) => void) | undefined
  #closing = false
  #closed: CloseReason | undefined

  constructor(options: MemoryChannelOptions) {
    this.#options = options
    const { stream } = options
    stream.on("end", () => this.#gone({ kind: "eof" }))
    stream.on("error", (error) => this.#gone({ kind: "io", message: error.message }))
    stream.on("close", () => this.#gone({ kind: "io", message: "the stream was destroyed" }))
    if (stream.destroyed) setImmediate(() => this.#gone({ kind: "eof" }))
  }

  get writable(): boolean {
    return this.#options.outgoing.writable
  }

  send(frame: Frame): number {
    const encoded = encodeFrame(frame, this.#options)
    const open = !this.#closing && this.#closed === undefined && !this.#options.stream.destroyed
    if (open) this.#options.outgoing.write(encoded)
    return encoded.size
  }

  onWritable(listener: () => void): void {
    this.#options.outgoing.onWritable(listener)
  }

  onFrames(handler: (batch: readonly Frame[]) => void): void {
    const first = this.#handler === undefined
    this.#handler = handler
    if (!first) return
    this.#options.incoming.readWith({
      onBatch: (batch) => this.#read(batch),
      onEnd: () => this.#finish({ kind: "eof" }),
    })
    this.#options.stream.resume()
  }

  onClosed(listener: (reason: CloseReason) => void): void {
    const reason = this.#closed
    if (reason === undefined) this.#closedListeners.push(listener)
    else setImmediate(() => listener(reason))
  }

  close(): void {
    if (this.#closing || this.#closed !== undefined) return
    this.#closing = true
    this.#options.outgoing.end()
    setImmediate(() => this.#finish({ kind: "closed" }))
  }

  #read(batch: readonly EncodedFrame[]): void {
    if (this.#closing || this.#closed !== undefined) return
    const frames: Frame[] = []
    const violation = this.#decode(batch, frames)
    if (frames.length > 0) this.#handler?.(frames)
    if (violation !== undefined) this.#finish({ kind: "protocol", message: violation.message })
  }

  /** Appends to `frames` what comes before a violation, and returns that. */
  #decode(batch: readonly EncodedFrame[], frames: Frame[]): ProtocolViolation | undefined {
    const { limits } = this.#options
    try {
      for (const { text, attachments, size } of batch) {
        checkLength(size - totalLength(attachments), limits)
        const frame = decodeFrame(text, attachments, { limits }, size)
        if (frame !== undefined) frames.push(frame)
      }
      return undefined
    } catch (error) {
      if (error instanceof ProtocolViolation) return error
      throw error
    }
  }

  /** The peer's end of the stream is closed; what it sent before still counts. */
  #gone(reason: CloseReason): void {
    if (this.#closed === undefined) this.#options.incoming.flush()
    this.#finish(reason)
  }

  #finish(reason: CloseReason): void {
    if (this.#closed !== undefined) return
    this.#closed = this.#closing ? { kind: "closed" } : reason
    this.#options.stream.destroy()
    for (const listener of this.#closedListeners) listener(this.#closed)
  }
}

function checkLength(line: number, { maxFrameBytes }: Limits): void {
  if (line > maxFrameBytes)
    throw new ProtocolViolation(`a line is longer than maxFrameBytes (${maxFrameBytes})`)
}

function totalLength(attachments: readonly Uint8Array[]): number {
  let sum = 0
  for (const bytes of attachments) sum += bytes.byteLength
  return sum
}
