import type { CallFrame, Frame, Meta, WireError } from "../protocol/frame.js"
import { InvalidValue } from "../protocol/invalid-value.js"
import { creditCost, defaultCredit } from "../protocol/limits.js"

/** Sends a frame and gives its size; throws `InvalidValue` when it cannot be encoded. */
export type SendFrame = (frame: Frame) => number

/** A call the peer made and that this side must answer, exactly once. Answers after the first are ignored. */
export class IncomingCall {
  readonly #send: SendFrame
  readonly #onSettled: (call: IncomingCall) => void
  readonly #abort = new AbortController()
  #begun = false
  #settled = false
  #seq = 0
  #credit: number
  #creditWaiters: (() => void)[] = []

  constructor(
    readonly frame: CallFrame,
    send: SendFrame,
    onSettled: (call: IncomingCall) => void,
  ) {
    this.#send = send
    this.#onSettled = onSettled
    this.#credit = frame.credit ?? defaultCredit
  }

  get id(): number {
    return this.frame.id
  }

  get settled(): boolean {
    return this.#settled
  }

  /** Aborted when the peer cancels, or the connection ends. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  result(value: unknown, meta?: Meta): void {
    if (this.#settled) return
    this.#send({ type: "result", id: this.id, value, ...(meta && { meta }) })
    this.#settle()
  }

  error(error: WireError): void {
    if (this.#settled) return
    try {
      this.#send({ type: "error", id: this.id, error })
    } catch (refused) {
      if (!(refused instanceof InvalidValue)) throw refused
      this.#send({ type: "error", id: this.id, error: shortened(error) })
    }
    this.#settle()
  }

  chunk(value: unknown, options: { readonly final?: boolean; readonly meta?: Meta } = {}): void {
    if (this.#settled) return
    const size = this.#send({ type: "chunk", id: this.id, seq: this.#seq, value, ...options })
    this.#seq += 1
    this.#credit -= creditCost(size)
    if (options.final === true) this.#settle()
  }

  /** Resolves when a chunk may be sent, or there is no more point in sending one. */
  async writable(): Promise<void> {
    while (this.#credit <= 0 && !this.#settled && !this.signal.aborted) {
      await new Promise<void>((resolve) => this.#creditWaiters.push(resolve))
    }
  }

  addCredit(n: number): void {
    this.#credit += n
    this.#wake()
  }

  /** From here on the call counts as started. @returns false when it was taken back before. */
  begin(): boolean {
    this.#begun = !this.#settled
    return this.#begun
  }

  /** The peer wants the call back, if it has not started. */
  recall(): void {
    if (!this.#begun)
      this.error({ code: "not_started", type: "NotStarted", message: "taken back before it started" })
  }

  /** The peer wants this call to stop. */
  cancel(reason: string): void {
    this.recall()
    this.#abort.abort(new Error(reason))
    this.#wake()
  }

  #settle(): void {
    this.#settled = true
    this.#wake()
    this.#onSettled(this)
  }

  #wake(): void {
    const waiters = this.#creditWaiters
    this.#creditWaiters = []
    for (const wake of waiters) wake()
  }
}

/** What is left of an error that cannot be sent, for instance because it is beyond a limit. */
function shortened({ code, type, message }: WireError): WireError {
  return { code, type: type.slice(0, 40), message: message.slice(0, 100) }
}
