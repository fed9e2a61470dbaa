import { afterEach, beforeEach, vi } from "vitest"
import type { HostCall } from "../../src/pool/calls/nesting.js"
import type { PendingCall, Submission } from "../../src/pool/calls/pending-call.js"
import type { Affinity } from "../../src/pool/dispatch/bindings.js"
import { Pool } from "../../src/pool/pool.js"
import type { PoolOptions } from "../../src/pool/pool-options.js"
import type { ExitInfo, LaunchedWorker } from "../../src/process/launched.js"
import type { ErrorCode, Frame, WireError } from "../../src/protocol/frame.js"
import { parseHello } from "../../src/protocol/handshake.js"
import { SessionEntry } from "../../src/session/session-table.js"
import { Emitter } from "../../src/telemetry/emitter.js"
import type { CloseReason, FrameChannel } from "../../src/transport/transport.js"
import { Worker } from "../../src/worker/worker.js"

export interface PuppetOptions {
  readonly cancelGraceMs?: number
  readonly concurrency?: number
  readonly features?: readonly string[]
  /** The highest id among the calls that it has started, for a worker of which the host knows. */
  readonly startedUpTo?: number
}

const allFeatures = ["stream", "cancel", "host-calls", "sessions"]

/**
 * For all tests of a file or block: whatever this machine is busy with, hardly any time passes between two looks at the
 * clock, so that no worker is taken for a slow one.
 */
export function onQuickMachine(): void {
  beforeEach(() => {
    let now = performance.now()
    vi.spyOn(performance, "now").mockImplementation(() => {
      now += 1e-6
      return now
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })
}

/** A worker that answers when the test says so, and nothing by itself. */
export class PuppetWorker {
  readonly sent: Frame[] = []
  readonly worker: Worker
  #receive: (batch: readonly Frame[]) => void = () => {}
  #closed: (reason: CloseReason) => void = () => {}
  #exit: (exit: ExitInfo) => void = () => {}

  constructor(
    readonly pool: Pool,
    id: string,
    { cancelGraceMs = 2000, concurrency = 1, features = allFeatures, startedUpTo }: PuppetOptions,
  ) {
    const exited = new Promise<ExitInfo>((resolve) => {
      this.#exit = resolve
    })
    const die = () => this.die({ code: null, signal: "SIGKILL" })
    const launched: LaunchedWorker & { exitInfo: ExitInfo | undefined } = {
      pid: 1,
      channel: null as never,
      hint: undefined,
      exited,
      exitInfo: undefined,
      drained: Promise.resolve(),
      droppedLines: 0,
      stderrTail: () => "",
      kill: die,
      terminate: () => {
        die()
        return exited
      },
    }
    void exited.then((exit) => {
      launched.exitInfo = exit
    })
    const channel: FrameChannel = {
      writable: true,
      ...(startedUpTo !== undefined && { startedUpTo }),
      onWritable: () => {},
      onFrames: (handler) => {
        this.#receive = handler
      },
      onClosed: (listener) => {
        this.#closed = listener
      },
      close: () => this.#closed({ kind: "closed" }),
      send: (frame) => this.sent.push(frame),
    }
    const line = JSON.stringify({
      snakepit: 1,
      protocol: [1],
      transport: "puppet",
      runtime: { name: "puppet", version: "1" },
      pid: 1,
      concurrency,
      features,
      tools: null,
    })
    const hello = parseHello(line)
    if (hello.kind !== "hello") throw new Error(hello.error.message)
    this.worker = new Worker({
      id,
      pool: pool.name,
      hello: hello.hello,
      launched,
      channel,
      cancelGraceMs,
      listener: pool,
    })
    pool.addWorker(this.worker)
  }

  /** Tools of the calls it was sent and that nobody took back, in order. */
  get calls(): string[] {
    return this.sent.flatMap((frame) => (frame.type === "call" ? [frame.tool] : []))
  }

  idOf(tool: string): number {
    for (const frame of this.sent.toReversed())
      if (frame.type === "call" && frame.tool === tool) return frame.id
    throw new Error(`${tool} was not sent`)
  }

  answer(tool: string, value: unknown = tool): void {
    this.#receive([{ type: "result", id: this.idOf(tool), value }])
  }

  /** Answers the newest call of this tool, if it is open. */
  refuse(tool: string, code: ErrorCode, more: Partial<WireError> = {}): void {
    const error = { code, type: "Refused", message: code, ...more }
    this.#receive([{ type: "error", id: this.idOf(tool), error }])
  }

  /** The first chunk of the newest call of this tool. */
  chunk(tool: string, value: unknown): void {
    this.#receive([{ type: "chunk", id: this.idOf(tool), seq: 0, value }])
  }

  /** The tool that runs calls back, and waits for the answer. */
  callBack(tool: string): void {
    const parent = this.idOf(tool)
    this.#receive([{ type: "call", id: parent, tool: "callback", args: {}, parent }])
  }

  /** Answers every recall that it got with `not_started`. */
  giveBack(): string[] {
    const back = this.sent.flatMap((frame) =>
      frame.type === "cancel" && frame.recall === true ? [frame.id] : [],
    )
    for (const id of back) {
      this.#receive([
        { type: "error", id, error: { code: "not_started", type: "NotStarted", message: "recalled" } },
      ])
    }
    return back.map((id) => this.#toolOf(id))
  }

  die(exit: ExitInfo): void {
    this.#exit(exit)
    this.#closed({ kind: "eof" })
  }

  #toolOf(id: number): string {
    const frame = this.sent.find((each) => each.type === "call" && each.id === id)
    return frame?.type === "call" ? frame.tool : "?"
  }
}

/** A pool of puppets, and what became of the calls made to it. */
export class Stage {
  readonly outcomes = new Map<string, unknown>()
  readonly emitter = new Emitter()
  /** Strict sessions that have lost their worker, with its id. */
  readonly lost: [session: string, workerId: string][] = []
  /** Whether somebody rebuilds them. */
  rebuilds = false
  /** Callbacks that nobody has answered. */
  readonly callbacks: HostCall[] = []
  readonly pool: Pool
  readonly #leases = new Map<string, SessionEntry>()
  #puppets = 0

  constructor(options: Partial<PoolOptions> = {}) {
    this.pool = new Pool({
      name: "stage",
      maxQueue: 1000,
      maxInFlight: 32,
      emitter: this.emitter,
      onHostCall: (host) => this.callbacks.push(host),
      onSessionLost: (session, workerId) => {
        this.lost.push([session, workerId])
        return this.rebuilds
      },
      lastStartError: () => undefined,
      ...options,
    })
  }

  puppet(options: PuppetOptions = {}): PuppetWorker {
    this.#puppets += 1
    return new PuppetWorker(this.pool, `stage-${this.#puppets}`, options)
  }

  /** The outcome is kept under the tool's name; a second one is an error of the pool. */
  call(tool: string, more: Partial<Submission> = {}, madeBy?: HostCall): PendingCall {
    const settle = (outcome: unknown): void => {
      if (this.outcomes.has(tool)) throw new Error(`${tool} was settled twice`)
      this.outcomes.set(tool, outcome)
    }
    const sink = { onResult: settle, onChunk: () => {}, onFailure: settle }
    const unlimited = { timeoutMs: Number.POSITIVE_INFINITY, queueTimeoutMs: Number.POSITIVE_INFINITY }
    return this.pool.submit({ request: { tool, args: {} }, ...unlimited, sink, ...more }, madeBy)
  }

  /** A call of a session. */
  callIn(
    session: string,
    tool: string,
    affinity: Affinity,
    more: Partial<Submission> = {},
    madeBy?: HostCall,
  ): PendingCall {
    const lease = this.#leases.get(session) ?? new SessionEntry(session, 1000, affinity, undefined)
    this.#leases.set(session, lease)
    return this.call(tool, { request: { tool, args: {}, session }, lease, affinity, ...more }, madeBy)
  }

  endSession(session: string): void {
    for (const call of this.#leases.get(session)?.calls.toArray() ?? [])
      this.pool.cancel(call, "it was closed")
    this.#leases.delete(session)
    this.pool.forgetSession(session)
  }

  callAll(...tools: readonly string[]): void {
    for (const tool of tools) this.call(tool)
  }
}
