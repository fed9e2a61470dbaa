import type { CallError } from "../../errors/errors.js"
import type { ChunkFrame, Meta } from "../../protocol/frame.js"
import type { CallSink, PendingCall } from "./pending-call.js"

const stopped: ReadonlySet<CallError["_tag"]> = new Set(["CallCancelled", "CallTimeout", "PoolClosed"])

/**
 * Chunks that arrived and were not consumed yet. Bounded by the stream's credit: taking a chunk is what lets
 * the worker send another one.
 */
export class ChunkQueue implements CallSink {
  /** Set right after the call was accepted. */
  call: PendingCall | undefined
  #chunks: ChunkFrame[] = []
  #failure: CallError | undefined
  #ended = false
  #waiters: (() => void)[] = []

  onResult(value: unknown, meta: Meta): void {
    this.onChunk({ type: "chunk", id: 0, seq: 0, value, final: true, meta })
  }

  onChunk(chunk: ChunkFrame): void {
    this.#chunks.push(chunk)
    if (chunk.final === true) this.#ended = true
    this.#notify()
  }

  /** Chunks that came before a failure of the tool are still delivered; whoever stops a stream wants no more. */
  onFailure(error: CallError): void {
    if (stopped.has(error._tag)) this.#chunks = []
    this.#failure = error
    this.#ended = true
    this.#notify()
  }

  /** Everything that is there, as consumed. Empty: wait with `changed`. `undefined`: the stream is over. */
  takeAll(): readonly ChunkFrame[] | undefined {
    const chunks = this.#chunks
    if (chunks.length === 0) return this.#endOrNothing()
    this.#chunks = []
    for (const chunk of chunks) this.#consumed(chunk)
    return chunks
  }

  /** One chunk, as consumed. */
  take(): ChunkFrame | "wait" | undefined {
    const chunk = this.#chunks.shift()
    if (chunk === undefined) return this.#endOrNothing() === undefined ? undefined : "wait"
    this.#consumed(chunk)
    return chunk
  }

  /** Resolves when there is something to take, or the end. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  /** Drops what is left. */
  discard(): void {
    this.#chunks = []
    this.#ended = true
    this.#notify()
  }

  /** The chunks that came before a failure are still delivered; then it is thrown. */
  #endOrNothing(): readonly ChunkFrame[] | undefined {
    if (this.#failure !== undefined) {
      const failure = this.#failure
      this.#failure = undefined
      throw failure
    }
    return this.#ended ? undefined : []
  }

  #consumed(chunk: ChunkFrame): void {
    const { worker, wire } = this.call ?? {}
    if (worker !== undefined && wire !== undefined) worker.connection.consumed(wire, chunk)
  }

  #notify(): void {
    for (const wake of this.#waiters.splice(0)) wake()
  }
}
