import { answer, mustStream } from "../connection/answer.js"
import { Connection } from "../connection/connection.js"
import type { IncomingCall } from "../connection/incoming-call.js"
import { describeThrown } from "../connection/thrown.js"
import type { CallFrame, ErrorCode, LogLevel, WireError } from "../protocol/frame.js"
import type { Welcome } from "../protocol/handshake.js"
import { InvalidValue } from "../protocol/invalid-value.js"
import { maxNesting } from "../protocol/limits.js"
import { checkArgs } from "../protocol/tools.js"
import type { FrameChannel } from "../transport/transport.js"
import { type CallLine, HostLine } from "./host-line.js"
import { SessionEnds } from "./session-ends.js"
import type { ServedTool, ToolContext } from "./tools.js"

export interface ToolServerOptions {
  readonly tools: ReadonlyMap<string, ServedTool>
  readonly concurrency: number
  readonly welcome: Welcome
  /** Ends the worker at once. */
  crash(error: Error): void
}

interface Waiting {
  readonly call: IncomingCall
  /** On the clock of `performance.now`. */
  readonly deadline: number
}

const levels: readonly LogLevel[] = ["debug", "info", "warn", "error"]

/** Serves tools on a connection: top-level calls in the order they came, nested ones at once. */
export class ToolServer {
  readonly #options: ToolServerOptions
  readonly #connection: Connection
  readonly #host: HostLine
  readonly #sessionEnds = new SessionEnds()
  #waiting: Waiting[] = []
  #running = 0
  #draining = false

  constructor(channel: FrameChannel, options: ToolServerOptions) {
    this.#options = options
    this.#connection = new Connection(channel, {
      onCall: (call) => this.#accept(call),
      onDrain: () => {
        this.#draining = true
        this.#next()
      },
      onClosed: () => {
        this.#waiting = []
      },
    })
    this.#host = new HostLine(this.#connection)
  }

  #accept(call: IncomingCall): void {
    const { deadlineMs = Number.POSITIVE_INFINITY, parent } = call.frame
    const waiting = { call, deadline: performance.now() + deadlineMs }
    if (parent !== undefined) return this.#acceptNested(waiting, parent)
    this.#waiting = this.#waiting.filter((earlier) => !earlier.call.settled)
    const limit = this.#options.welcome.limits.maxInFlight * this.#options.concurrency
    if (this.#running + this.#waiting.length >= limit) {
      return call.error(refusal("resource_exhausted", "TooManyCalls", `${limit} calls are in flight`))
    }
    this.#waiting.push(waiting)
    this.#next()
  }

  #acceptNested(nested: Waiting, parent: number): void {
    const level = this.#host.levelBelow(parent)
    if (level === undefined) {
      nested.call.error(refusal("not_started", "NotStarted", "the call that it is nested in has ended"))
    } else if (level > maxNesting) {
      const message = `calls nest deeper than ${maxNesting}`
      nested.call.error(refusal("resource_exhausted", "NestingTooDeep", message))
    } else void this.#serve(nested, level)
  }

  #next(): void {
    while (this.#running < this.#options.concurrency) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      this.#running += 1
      void this.#serve(next, 0).then(() => {
        this.#running -= 1
        this.#next()
      })
    }
    if (this.#draining && this.#running === 0) this.#connection.close()
  }

  async #serve({ call, deadline }: Waiting, level: number): Promise<void> {
    if (performance.now() >= deadline) {
      const message = "the deadline passed before the call could start"
      return call.error(refusal("deadline_exceeded", "DeadlineExceeded", message))
    }
    const { tool: end } = this.#sessionEnds
    const tool = call.frame.tool === end.spec.name ? end : this.#options.tools.get(call.frame.tool)
    if (tool === undefined) {
      const message = `there is no tool "${call.frame.tool}"`
      return call.error(refusal("unknown_tool", "UnknownTool", message))
    }
    const problem = problemOf(tool, call.frame)
    if (problem !== undefined) return call.error(problem)
    const line = this.#host.forCall(call, level)
    const { args } = call.frame
    await answer(call, () => tool.run(args, this.#contextOf(call, line)), describeThrown)
    line.end("the call that made it has ended")
  }

  #log(record: { readonly level: LogLevel; readonly message: string; readonly call: number }): void {
    try {
      this.#connection.log(record)
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error
      // Too long for a frame; that is no fault of the tool.
      this.#connection.log({ ...record, message: record.message.slice(0, 100) })
    }
  }

  #contextOf(call: IncomingCall, line: CallLine): ToolContext {
    const { session, meta = {} } = call.frame
    const lowest = levels.indexOf(this.#options.welcome.logLevel)
    return {
      signal: call.signal,
      session,
      meta,
      onSessionEnd: (listener) => {
        if (session === undefined) throw new Error("the call is outside of any session")
        this.#sessionEnds.add(session, listener)
      },
      callHostTool: <T>(name: string, args = {}, options: { readonly meta?: typeof meta } = {}) =>
        line.call(name, args, options.meta) as Promise<T>,
      streamHostTool: <T>(name: string, args = {}, options: { readonly meta?: typeof meta } = {}) =>
        line.stream(name, args, options.meta) as AsyncIterableIterator<T>,
      log: (level, message) => {
        if (levels.indexOf(level) >= lowest) this.#log({ level, message, call: call.id })
      },
      crash: (message = "the worker crashed") => {
        const error = new Error(message)
        this.#options.crash(error)
        throw error
      },
    }
  }
}

function problemOf({ spec }: ServedTool, { tool, args, stream }: CallFrame): WireError | undefined {
  if (spec.streaming && stream !== true) return mustStream(tool)
  const problem = checkArgs(spec, args)
  if (problem === undefined) return undefined
  const { path, reason } = problem
  return refusal("invalid_parameter", "InvalidParameter", `${tool}: ${path} ${reason}`)
}

function refusal(code: ErrorCode, type: string, message: string): WireError {
  return { code, type, message }
}
