import type {
  ChunkFrame,
  CloseReason,
  ErrorFrame,
  Frame,
  FrameChannel,
  ResultFrame,
  WireError,
} from "@snakepit/core/transport"

/** What answers a call. */
export type AnswerFrame = ResultFrame | ChunkFrame | ErrorFrame
type CallFields = { readonly [field: string]: unknown }

/** A host in miniature: it speaks in frames, and may say what no host would. */
export class Peer {
  /** Frames that nobody has taken. */
  readonly unread: Frame[] = []
  /** Settles when the worker's side of the connection has ended. */
  readonly closed: Promise<CloseReason>
  /** Settles when the worker itself has. */
  readonly exited: Promise<unknown>
  readonly #channel: FrameChannel
  readonly #waiting = new Set<() => void>()
  #ending: CloseReason | undefined
  #lastId = 0

  constructor(channel: FrameChannel, exited: Promise<unknown>) {
    this.#channel = channel
    this.exited = exited
    this.closed = new Promise((resolve) => {
      channel.onClosed((reason) => {
        this.#ending = reason
        this.#wake()
        resolve(reason)
      })
    })
    channel.onFrames((batch) => {
      this.unread.push(...batch)
      this.#wake()
    })
  }

  /** Sends a frame as it is, whether it is one or not. */
  send(frame: { readonly type: unknown; readonly [field: string]: unknown }): void {
    this.#channel.send(frame as unknown as Frame)
  }

  /** Sends a call. @returns its id. */
  call(tool: string, args: CallFields = {}, fields: CallFields = {}): number {
    this.#lastId += 1
    this.send({ type: "call", id: this.#lastId, tool, args, ...fields })
    return this.#lastId
  }

  stream(tool: string, args: CallFields = {}, fields: CallFields = {}): number {
    return this.call(tool, args, { stream: true, ...fields })
  }

  /** The first frame that fits, out of those that came and those to come. */
  async next<F extends Frame>(fits: (frame: Frame) => frame is F): Promise<F> {
    for (;;) {
      for (const [index, frame] of this.unread.entries()) {
        if (!fits(frame)) continue
        this.unread.splice(index, 1)
        return frame
      }
      if (this.#ending !== undefined) throw new Error(`the connection ended: ${JSON.stringify(this.#ending)}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** The next frame that answers a call. */
  answer(id: number): Promise<AnswerFrame> {
    return this.next((frame): frame is AnswerFrame => isAnswer(frame) && frame.id === id)
  }

  /** The value of a unary call's result. */
  async result(id: number): Promise<unknown> {
    const answer = await this.answer(id)
    if (answer.type !== "result") throw new Error(`no result but ${JSON.stringify(answer)}`)
    return answer.value
  }

  /** The error that ends a call, whatever chunks came before. */
  async error(id: number): Promise<WireError> {
    for (;;) {
      const answer = await this.answer(id)
      if (answer.type === "error") return answer.error
      if (answer.type === "result" || answer.final) throw new Error(`no error but ${JSON.stringify(answer)}`)
    }
  }

  /** The next `count` chunks of a stream; without a count all of them, the final one included. */
  async chunks(id: number, count = Number.POSITIVE_INFINITY): Promise<ChunkFrame[]> {
    const chunks: ChunkFrame[] = []
    while (chunks.length < count && chunks.at(-1)?.final !== true) {
      const answer = await this.answer(id)
      if (answer.type !== "chunk") throw new Error(`no chunk but ${JSON.stringify(answer)}`)
      chunks.push(answer)
    }
    return chunks
  }

  /** Answers of a call that nobody has taken. */
  answers(id: number): AnswerFrame[] {
    return this.unread.filter((frame): frame is AnswerFrame => isAnswer(frame) && frame.id === id)
  }

  /** The next call that the worker makes to the host. */
  hostCall(tool?: string): Promise<Frame & { readonly type: "call" }> {
    return this.next(
      (frame): frame is Frame & { type: "call" } =>
        frame.type === "call" && (tool === undefined || frame.tool === tool),
    )
  }

  /** The next log record with this text. */
  async logged(message: string): Promise<void> {
    await this.next((frame): frame is Frame => frame.type === "log" && frame.message === message)
  }

  /** Returns when the worker has read everything sent so far, and what it wrote before has arrived. */
  async ping(nonce = 7): Promise<void> {
    this.send({ type: "ping", nonce })
    await this.next((frame): frame is Frame => frame.type === "pong" && frame.nonce === nonce)
  }

  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

function isAnswer(frame: Frame): frame is AnswerFrame {
  return frame.type === "result" || frame.type === "chunk" || frame.type === "error"
}
