import type { Place } from "../collections/linked-list.js"
import type { CallFrame, ChunkFrame, Meta, WireError } from "../protocol/frame.js"
import { defaultCredit } from "../protocol/limits.js"

/** What to call, and how. */
export type CallRequest = Omit<CallFrame, "type" | "id">

/** Hears what becomes of a call: any number of chunks, then exactly one ending, unless the connection is lost. */
export interface CallListener {
  onResult(value: unknown, meta: Meta | undefined): void
  /** A chunk; the one with `final: true` is the ending. */
  onChunk(chunk: ChunkFrame): void
  onError(error: WireError): void
}

/** A call this side made and that has not been answered yet. */
export class OutgoingCall {
  nextSeq = 0
  /** Where it stands in the line of its worker. */
  place: Place<OutgoingCall> | undefined
  /** The peer was asked to give it back. */
  recalled = false
  #ungranted = 0
  readonly #grantAt: number

  constructor(
    readonly id: number,
    readonly request: CallRequest,
    readonly listener: CallListener,
  ) {
    this.#grantAt = Math.max(1, Math.ceil((request.credit ?? defaultCredit) / 2))
  }

  /** @returns the credit to grant now that `cost` more was consumed; 0: not yet. */
  consume(cost: number): number {
    this.#ungranted += cost
    if (this.#ungranted < this.#grantAt) return 0
    const grant = this.#ungranted
    this.#ungranted = 0
    return grant
  }
}
