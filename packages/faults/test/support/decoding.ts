import { Duplex } from "node:stream"
import type { CloseReason, Frame, FrameChannel, Transport } from "@snakepit/core/transport"
import { defaultLimits } from "@snakepit/core/transport"

/** The host's end of a transport without a worker: what it writes is kept, what it reads is given to it. */
export class Wire extends Duplex {
  readonly frames: Frame[] = []
  readonly ending: Promise<CloseReason>
  readonly #written: Buffer[] = []
  #channel!: FrameChannel

  private constructor() {
    super({ allowHalfOpen: false })
    this.ending = new Promise((resolve) => {
      this.once("wired", (channel: FrameChannel) => channel.onClosed(resolve))
    })
  }

  static async open(transport: Transport): Promise<Wire> {
    const wire = new Wire()
    const features = new Set(["stream", "cancel", "attachments"])
    const unknown = { address: null, token: null, pid: null, runtime: null, bridge: null, tools: null }
    wire.#channel = await transport.open({
      stream: wire,
      hello: { ...unknown, transport: transport.name, features, concurrency: 1, skipped: [] },
      limits: defaultLimits,
      signal: new AbortController().signal,
    })
    wire.#channel.onFrames((batch) => wire.frames.push(...batch))
    wire.emit("wired", wire.#channel)
    return wire
  }

  /** The bytes of frames. @throws {InvalidValue} for one that cannot be encoded. */
  async encode(frames: readonly Frame[]): Promise<Buffer> {
    for (const frame of frames) this.#channel.send(frame)
    await new Promise((resolve) => setImmediate(resolve))
    return Buffer.concat(this.#written.splice(0))
  }

  /** Lets the pieces arrive one by one, then the end; resolves when the transport has said how that was. */
  async arrive(pieces: Iterable<Buffer>): Promise<CloseReason> {
    for (const piece of pieces) this.push(piece)
    this.push(null)
    return this.ending
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written.push(chunk)
    done()
  }
}
