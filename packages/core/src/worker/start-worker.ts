import { Effect } from "effect"
import type { Adapter, WorkerProfile } from "../adapter/adapter.js"
import { StartFailed } from "../errors/errors.js"
import { StillLoading } from "../process/launch-error.js"
import { howItEnded, type LaunchedWorker, type OutputLine } from "../process/launched.js"
import type { Launcher } from "../process/launcher.js"
import { orAborted } from "../process/or-aborted.js"
import type { ProcessRegistry } from "../process/registry/registry.js"
import type { LogLevel, WireError } from "../protocol/frame.js"
import { encodeWelcome, type Hello, parseHello, type SkippedTransport } from "../protocol/handshake.js"
import type { Limits } from "../protocol/limits.js"
import { ProtocolVersionMismatch } from "../protocol/violation.js"
import { openLane } from "../transport/shared/lane.js"
import { environmentFor, type Transport } from "../transport/transport.js"
import { readHelloLine } from "./handshake.js"
import { type HeartbeatPolicy, heartbeatEnvironment } from "./heartbeat-policy.js"
import { openJournal } from "./journal.js"
import { StartLimit } from "./start-limit.js"
import { within } from "./within.js"
import { Worker, type WorkerListener } from "./worker.js"

/** How long the exit may come after the end of the channel. */
const settleMs = 100
/** How long a killed process may take to be gone. */
const endMs = 2000

export interface StartOptions {
  readonly workerId: string
  readonly pool: string
  readonly runId: string
  readonly poolSize: number
  readonly profile: WorkerProfile
  readonly threads: number
  readonly heartbeat: HeartbeatPolicy | undefined
  readonly adapter: Adapter
  readonly launcher: Launcher
  readonly registry: ProcessRegistry
  readonly transports: readonly Transport[]
  readonly limits: Limits
  readonly logLevel: LogLevel
  readonly cancelGraceMs: number
  readonly startTimeoutMs: number
  readonly listener: WorkerListener
}

/**
 * Launches a process, shakes hands with it and opens its transport. Whatever goes wrong, nothing is left running
 * when this fails or was interrupted.
 */
export function startWorker(options: StartOptions): Effect.Effect<Worker, StartFailed> {
  return Effect.suspend(() => {
    const givenUp = new AbortController()
    const starting = start(options, givenUp.signal)
    return Effect.tryPromise({
      try: () => starting,
      catch: (error) =>
        error instanceof StartFailed
          ? error
          : failure(options, new Problem("launch", messageOf(error)), undefined),
    }).pipe(
      Effect.onInterrupt(() => {
        givenUp.abort()
        return Effect.promise(() =>
          starting.then(
            (worker) => worker.stop(0),
            () => {},
          ),
        )
      }),
    )
  })
}

async function start(options: StartOptions, givenUp: AbortSignal): Promise<Worker> {
  const limit = new StartLimit(givenUp, options.startTimeoutMs)
  const { signal } = limit
  const output = new EarlyOutput()
  let launched: LaunchedWorker | undefined
  try {
    launched = await launchProcess(options, output, signal)
    const worker = await shakeHands(options, launched, signal)
    output.handTo(worker)
    return worker
  } catch (error) {
    if (launched !== undefined) await end(launched)
    throw failure(options, problemOf(error, options, limit), launched)
  } finally {
    limit.forget()
  }
}

/** Returns when nothing of a process is left and all that it said was read. */
async function end(launched: LaunchedWorker): Promise<void> {
  launched.kill()
  await within(
    endMs,
    launched.exited.then(() => launched.drained),
  )
}

function problemOf(error: unknown, { startTimeoutMs }: StartOptions, limit: StartLimit): Problem {
  if (limit.givenUp) return new Problem("closed", "the start was given up")
  if (limit.timedOut) {
    const meanwhile = error instanceof StillLoading ? `: ${error.message}` : ""
    return new Problem("timeout", `not ready after ${startTimeoutMs} ms (startTimeout)${meanwhile}`)
  }
  return error instanceof Problem ? error : new Problem("handshake", messageOf(error))
}

async function launchProcess(
  options: StartOptions,
  output: EarlyOutput,
  signal: AbortSignal,
): Promise<LaunchedWorker> {
  const offer = options.transports.map((transport) => transport.name)
  const { workerId, pool, poolSize, profile, threads } = options
  const context = { workerId, pool, poolSize, profile, threads, offer, signal }
  try {
    const plan = await orAborted(signal, async () => options.adapter.launch(context))
    const environment = environmentOf(options)
    const { launcher, registry } = options
    const onOutput = (line: OutputLine): void => output.push(line)
    return await launcher.launch(plan, { offer, environment, registry, signal, onOutput })
  } catch (error) {
    throw error instanceof StillLoading ? error : new Problem("launch", messageOf(error))
  }
}

function environmentOf({ transports, limits, profile, threads, heartbeat }: StartOptions) {
  return {
    ...environmentFor(transports, limits),
    ...(heartbeat !== undefined && heartbeatEnvironment(heartbeat)),
    SNAKEPIT_PROFILE: profile,
    SNAKEPIT_THREADS: String(threads),
  }
}

async function shakeHands(
  options: StartOptions,
  launched: LaunchedWorker,
  signal: AbortSignal,
): Promise<Worker> {
  const line = await readHelloLine(launched.channel, signal)
  if (line === undefined) throw await silentEnd(launched)
  const hello = greet(line)
  const transport = options.transports.find((candidate) => candidate.name === hello.transport)
  if (transport === undefined)
    throw new Problem("transport", `the worker chose "${hello.transport}", which was not offered`)
  const { workerId, runId, cancelGraceMs, logLevel, limits } = options
  const journal = transport.readsJournal === true ? openJournal(hello) : undefined
  const lane = openLane(transport.sharedMemory, hello)
  const welcome = {
    workerId,
    runId,
    cancelGraceMs,
    logLevel,
    limits,
    journal: journal !== undefined,
    sharedMemory: lane?.probe,
  }
  launched.channel.write(`${encodeWelcome(welcome)}\n`)
  const io = { stream: launched.channel, hello, limits, signal, journal, lane }
  const channel = await orAborted(signal, () => transport.open(io)).catch((error: unknown) => {
    lane?.close()
    journal?.finish(0)
    throw error
  })
  return new Worker({
    id: workerId,
    pool: options.pool,
    hello,
    launched,
    channel,
    cancelGraceMs,
    listener: options.listener,
  })
}

function greet(line: string): Hello {
  try {
    const first = parseHello(line)
    if (first.kind === "hello") return first.hello
    const { error, skipped } = first
    const reason = error.code === "unavailable" ? "transport" : "adapter"
    throw new Problem(reason, describeRefusal(error, skipped), { traceback: error.traceback, skipped })
  } catch (error) {
    if (error instanceof ProtocolVersionMismatch) throw new Problem("version", error.message)
    throw error
  }
}

function describeRefusal(
  error: WireError,
  skipped: readonly { transport: string; reason: string }[],
): string {
  const lines = skipped.map((skip) => `  ${skip.transport}: ${skip.reason}`)
  const text = `${error.type}: ${error.message}`
  return [text, ...lines, ...(error.traceback === undefined ? [] : ["", error.traceback.trimEnd()])].join(
    "\n",
  )
}

/** The channel has ended. If the process does not follow at once, it goes on without one. */
async function silentEnd(launched: LaunchedWorker): Promise<Problem> {
  const exit = await within(settleMs, launched.exited)
  if (exit === undefined)
    return new Problem("handshake", "the process closed its channel before it said hello")
  const hint = exit.signal === null ? launched.hint : undefined
  return new Problem("exited", `the process ${howItEnded(exit)} before it said hello`, { hint })
}

/** Why a start failed, before it is known what the process said last. */
class Problem extends Error {
  constructor(
    readonly reason: StartFailed["reason"],
    message: string,
    readonly details: {
      readonly traceback?: string | undefined
      readonly skipped?: readonly SkippedTransport[]
      /** What to do about it. */
      readonly hint?: string | undefined
    } = {},
  ) {
    super(message)
  }
}

function failure(
  { workerId, adapter }: StartOptions,
  { reason, message, details }: Problem,
  launched: LaunchedWorker | undefined,
): StartFailed {
  const { traceback, skipped, hint } = details
  const stderr = launched?.stderrTail().trimEnd()
  const tail = stderr && traceback === undefined ? `\nIts last output on stderr:\n${stderr}` : ""
  const advice = hint === undefined ? "" : `\n${hint}`
  return new StartFailed({
    message: `worker ${workerId} (${adapter.name}) could not start: ${message}${tail}${advice}`,
    reason,
    workerId,
    ...(traceback !== undefined && { traceback }),
    ...(stderr && { stderr }),
    ...(skipped !== undefined && { skipped }),
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Keeps what a process prints before there is a worker to tie it to; bounded, as the launcher bounds the rate. */
class EarlyOutput {
  readonly #lines: OutputLine[] = []
  #worker: Worker | undefined

  push(line: OutputLine): void {
    if (this.#worker !== undefined) this.#worker.onOutput(line)
    else if (this.#lines.length < 1000) this.#lines.push(line)
  }

  handTo(worker: Worker): void {
    this.#worker = worker
    for (const line of this.#lines.splice(0)) worker.onOutput(line)
  }
}
