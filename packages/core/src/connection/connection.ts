import { IdTable } from "../collections/id-table.js"
import type { CallFrame, ChunkFrame, EventFrame, Frame, LogFrame } from "../protocol/frame.js"
import { creditCost } from "../protocol/limits.js"
import type { CloseReason, FrameChannel } from "../transport/transport.js"
import { IncomingCall } from "./incoming-call.js"
import { type CallListener, type CallRequest, OutgoingCall } from "./outgoing-call.js"

/** What the owner of a connection wants to hear. */
export interface ConnectionHandlers {
  onCall(call: IncomingCall): void
  onLog?(frame: LogFrame): void
  onEvent?(frame: EventFrame): void
  onDrain?(graceMs: number): void
  /** Called after a call's listener heard its ending. `started` is false when the call was given back. */
  onAnswered?(call: OutgoingCall, started: boolean): void
  /** Called once, after the last frame; `unanswered()` then tells which calls were lost. */
  onClosed(reason: CloseReason): void
}

/**
 * One side of a conversation: the only place that knows what frames mean.
 * Symmetric, so the host and an in-process worker use the same class.
 */
export class Connection {
  readonly #channel: FrameChannel
  readonly #handlers: ConnectionHandlers
  readonly #outgoing = new IdTable<OutgoingCall>()
  readonly #incoming = new IdTable<IncomingCall>()
  readonly #pings = new Map<number, () => void>()
  #nextId = 1
  #nextNonce = 1
  #violation: string | undefined
  #closed = false
  #dropped = 0

  constructor(channel: FrameChannel, handlers: ConnectionHandlers) {
    this.#channel = channel
    this.#handlers = handlers
    channel.onFrames((batch) => {
      for (const frame of batch) this.#receive(frame)
    })
    channel.onClosed((reason) => this.#onClosed(reason))
  }

  /** Frames that came for calls already answered, or never made. */
  get dropped(): number {
    return this.#dropped
  }

  get closed(): boolean {
    return this.#closed
  }

  /** Whether large binary data travels in shared memory. */
  get sharedMemory(): boolean {
    return this.#channel.sharedMemory === true
  }

  /** Calls without an answer, oldest first. */
  unanswered(): readonly OutgoingCall[] {
    return this.#outgoing.toArray()
  }

  /** The unanswered call of this id. */
  find(id: number): OutgoingCall | undefined {
    return this.#outgoing.get(id)
  }

  /** @throws {InvalidValue} when the arguments cannot be sent; nothing was sent then. */
  call(request: CallRequest, listener: CallListener): OutgoingCall {
    const call = new OutgoingCall(this.#nextId, request, listener)
    this.#channel.send(callFrame(call.id, request))
    this.#nextId += 1
    this.#outgoing.add(call)
    return call
  }

  /** Asks the peer to stop a call. The answer still comes, through the listener. */
  cancel(call: OutgoingCall, reason: string): void {
    if (this.#outgoing.has(call.id)) this.#send({ type: "cancel", id: call.id, reason })
  }

  /** Asks once for a call back, if it has not started: `not_started` is the answer then. */
  recall(call: OutgoingCall): void {
    if (call.recalled || !this.#outgoing.has(call.id)) return
    call.recalled = true
    this.#send({ type: "cancel", id: call.id, recall: true })
  }

  /** Tells that the consumer took a chunk, so that the producer may send more. */
  consumed(call: OutgoingCall, chunk: ChunkFrame): void {
    const n = call.consume(creditCost(chunk.size ?? 0))
    if (n > 0 && this.#outgoing.has(call.id)) this.#send({ type: "credit", id: call.id, n })
  }

  /** Resolves at the pong. Never rejects: a lost connection is told by `onClosed`. */
  ping(): Promise<void> {
    const nonce = this.#nextNonce
    this.#nextNonce += 1
    return new Promise((resolve) => {
      this.#pings.set(nonce, resolve)
      this.#send({ type: "ping", nonce })
    })
  }

  log(frame: Omit<LogFrame, "type">): void {
    this.#send({ type: "log", ...frame })
  }

  /** Asks the peer to finish what it has and to leave. */
  drain(graceMs: number): void {
    // Infinity has no place in a frame.
    this.#send({ type: "drain", graceMs: Math.min(graceMs, Number.MAX_SAFE_INTEGER) })
  }

  close(): void {
    this.#channel.close()
  }

  #send(frame: Frame): number {
    return this.#closed ? 0 : this.#channel.send(frame)
  }

  #receive(frame: Frame): void {
    if (this.#violation !== undefined) return
    switch (frame.type) {
      case "result":
        return this.#end(frame.id, (call) => call.listener.onResult(frame.value, frame.meta))
      case "chunk":
        return this.#receiveChunk(frame)
      case "error":
        return this.#end(
          frame.id,
          (call) => call.listener.onError(frame.error),
          frame.error.code !== "not_started",
        )
      case "call":
        return this.#receiveCall(frame)
      case "cancel":
        if (frame.recall === true) return this.#incoming.get(frame.id)?.recall()
        return this.#incoming.get(frame.id)?.cancel(frame.reason ?? "cancelled by the peer")
      case "credit":
        return this.#incoming.get(frame.id)?.addCredit(frame.n)
      case "ping":
        this.#send({ type: "pong", nonce: frame.nonce })
        return
      case "pong":
        this.#pings.get(frame.nonce)?.()
        this.#pings.delete(frame.nonce)
        return
      case "log":
        return this.#handlers.onLog?.(frame)
      case "event":
        return this.#handlers.onEvent?.(frame)
      case "drain":
        return this.#handlers.onDrain?.(frame.graceMs)
      default:
        return this.#violate(`a frame "${frame.type}" where no memory is shared`)
    }
  }

  #end(id: number, tell: (call: OutgoingCall) => void, started = true): void {
    const call = this.#outgoing.take(id)
    if (call === undefined) {
      this.#dropped += 1
      return
    }
    tell(call)
    this.#handlers.onAnswered?.(call, started)
  }

  #receiveChunk(chunk: ChunkFrame): void {
    const call = this.#outgoing.get(chunk.id)
    if (call === undefined) {
      this.#dropped += 1
      return
    }
    if (chunk.seq !== call.nextSeq) {
      return this.#violate(`chunk ${chunk.seq} of call ${chunk.id} came where ${call.nextSeq} was due`)
    }
    call.nextSeq += 1
    if (chunk.final === true) this.#end(chunk.id, () => call.listener.onChunk(chunk))
    else call.listener.onChunk(chunk)
  }

  #receiveCall(frame: CallFrame): void {
    if (this.#incoming.has(frame.id)) return this.#violate(`call id ${frame.id} was used twice`)
    const call = new IncomingCall(
      frame,
      (answer) => this.#send(answer),
      (settled) => this.#incoming.take(settled.id),
    )
    this.#incoming.add(call)
    this.#handlers.onCall(call)
  }

  #violate(message: string): void {
    this.#violation = message
    this.#channel.close()
  }

  #onClosed(reason: CloseReason): void {
    this.#closed = true
    for (const call of this.#incoming.toArray()) call.cancel("the connection was lost")
    this.#incoming.clear()
    for (const resolve of this.#pings.values()) resolve()
    this.#pings.clear()
    this.#handlers.onClosed(
      this.#violation === undefined ? reason : { kind: "protocol", message: this.#violation },
    )
  }
}

/** Spelled out, because frames of one shape are made and read ten times as fast as spread ones. */
function callFrame(id: number, request: CallRequest): CallFrame {
  const { tool, args, stream, credit, session, deadlineMs, parent, meta } = request
  return { type: "call", id, tool, args, stream, credit, session, deadlineMs, parent, meta }
}
