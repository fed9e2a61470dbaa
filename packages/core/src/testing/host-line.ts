import type { Connection } from "../connection/connection.js"
import type { IncomingCall } from "../connection/incoming-call.js"
import type { CallListener, CallRequest, OutgoingCall } from "../connection/outgoing-call.js"
import { CallCancelled, fromWire } from "../errors/errors.js"
import type { Meta } from "../protocol/frame.js"
import { Arrivals } from "./arrivals.js"

type Args = { readonly [key: string]: unknown }

interface Open {
  readonly level: number
  readonly wire: OutgoingCall
  reject(error: Error): void
}

/** The way of an in-process worker's tools to the tools of its host. */
export class HostLine {
  readonly #connection: Connection
  readonly #open = new Map<number, Open>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** How deep calls are nested that name this call to the host as their parent; `undefined`: it is not open. */
  levelBelow(parent: number): number | undefined {
    const open = this.#open.get(parent)
    return open === undefined ? undefined : open.level + 1
  }

  /** What one call being served sees of the host. */
  forCall(call: IncomingCall, level: number): CallLine {
    return new CallLine(this.#connection, this.#open, call, level)
  }
}

/** Calls to the host on behalf of one call being served; they end with it. */
export class CallLine {
  readonly #connection: Connection
  readonly #all: Map<number, Open>
  readonly #own = new Map<number, Open>()
  readonly #call: IncomingCall
  readonly #level: number

  constructor(connection: Connection, all: Map<number, Open>, call: IncomingCall, level: number) {
    this.#connection = connection
    this.#all = all
    this.#call = call
    this.#level = level
    call.signal.addEventListener("abort", () => this.end("the call that made it was cancelled"), {
      once: true,
    })
  }

  call(tool: string, args: Args, meta: Meta | undefined): Promise<unknown> {
    const promise = new Promise((resolve, reject) => {
      const wire = this.#begin(this.#request(tool, args, meta), reject, {
        onResult: (value) => this.#settle(wire, () => resolve(value)),
        onChunk: (chunk) => chunk.final === true && this.#settle(wire, () => resolve(chunk.value)),
        onError: (error) => this.#settle(wire, () => reject(fromWire(error, tool, "host"))),
      })
    })
    // A tool may leave a call to itself; its end is no unhandled rejection then.
    promise.catch(() => {})
    return promise
  }

  /** What a tool yields, and what it returns at last, unless that is nothing. Leaving the loop cancels it. */
  async *stream(tool: string, args: Args, meta: Meta | undefined): AsyncGenerator<unknown, void> {
    const arrivals = new Arrivals()
    const wire = this.#begin(
      { ...this.#request(tool, args, meta), stream: true },
      (error) => arrivals.fail(error),
      {
        onResult: (value) => this.#settle(wire, () => arrivals.end(value)),
        onChunk: (chunk) =>
          chunk.final === true ? this.#settle(wire, () => arrivals.finish(chunk)) : arrivals.add(chunk),
        onError: (error) => this.#settle(wire, () => arrivals.fail(fromWire(error, tool, "host"))),
      },
    )
    try {
      yield* arrivals.taken((chunk) => this.#connection.consumed(wire, chunk))
    } finally {
      this.#settle(wire, () => this.#connection.cancel(wire, "its consumer left the stream"))
    }
  }

  end(why: string): void {
    for (const { wire, reject } of [...this.#own.values()]) {
      this.#settle(wire, () => reject(cancelled(wire.request.tool, why)))
      this.#connection.cancel(wire, why)
    }
  }

  #begin(request: CallRequest, reject: Open["reject"], listener: CallListener): OutgoingCall {
    if (this.#call.settled || this.#call.signal.aborted)
      throw cancelled(request.tool, "the call that made it has ended")
    const wire = this.#connection.call(request, listener)
    const open = { level: this.#level, wire, reject }
    this.#own.set(wire.id, open)
    this.#all.set(wire.id, open)
    return wire
  }

  #settle(wire: OutgoingCall, tell: () => void): void {
    this.#own.delete(wire.id)
    this.#all.delete(wire.id)
    tell()
  }

  #request(tool: string, args: Args, meta: Meta | undefined): CallRequest {
    const { id, frame } = this.#call
    const { session } = frame
    return { tool, args, parent: id, ...(session !== undefined && { session }), ...(meta && { meta }) }
  }
}

function cancelled(tool: string, why: string): CallCancelled {
  return new CallCancelled({ message: `"${tool}" was cancelled: ${why}`, tool })
}
