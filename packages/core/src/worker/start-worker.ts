import { Effect } from "effect"
import type { Adapter } from "../adapter/adapter.js"
import { StartFailed } from "../errors/errors.js"
import { launch } from "../process/launch.js"
import { LaunchError } from "../process/launch-error.js"
import type { LaunchedWorker, OutputLine } from "../process/launched.js"
import type { LogLevel, WireError } from "../protocol/frame.js"
import { encodeWelcome, type Hello, ProtocolVersionMismatch, parseHello } from "../protocol/handshake.js"
import type { Limits } from "../protocol/limits.js"
import type { Transport } from "../transport/transport.js"
import { readHelloLine } from "./handshake.js"
import { Worker, type WorkerListener } from "./worker.js"

export interface StartOptions {
  readonly workerId: string
  readonly pool: string
  readonly runId: string
  readonly adapter: Adapter
  readonly transports: readonly Transport[]
  readonly limits: Limits
  readonly logLevel: LogLevel
  readonly cancelGraceMs: number
  readonly startTimeoutMs: number
  readonly listener: WorkerListener
}

/** Launches a process, shakes hands with it and opens its transport. Whatever goes wrong, nothing is left running. */
export function startWorker(options: StartOptions): Effect.Effect<Worker, StartFailed> {
  return Effect.tryPromise({
    try: (interrupted) => start(options, interrupted),
    catch: (error) => (error instanceof StartFailed ? error : failure(options, "launch", String(error))),
  })
}

async function start(options: StartOptions, interrupted: AbortSignal): Promise<Worker> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), options.startTimeoutMs)
  const signal = AbortSignal.any([interrupted, timeout.signal])
  const output = new EarlyOutput()
  let launched: LaunchedWorker | undefined
  try {
    launched = await launchProcess(options, output, signal)
    const worker = await shakeHands(options, launched, signal)
    output.handTo(worker)
    return worker
  } catch (error) {
    launched?.kill()
    if (interrupted.aborted) throw failure(options, "closed", "the start was given up")
    if (timeout.signal.aborted) {
      throw failure(options, "timeout", `not ready after ${options.startTimeoutMs} ms (startTimeout)`, {
        launched,
      })
    }
    if (error instanceof StartFailed) throw error
    throw failure(options, "handshake", messageOf(error), { launched })
  } finally {
    clearTimeout(timer)
  }
}

async function launchProcess(
  options: StartOptions,
  output: EarlyOutput,
  signal: AbortSignal,
): Promise<LaunchedWorker> {
  const offer = options.transports.map((transport) => transport.name)
  const context = { workerId: options.workerId, pool: options.pool, offer, signal }
  try {
    const plan = await options.adapter.launch(context)
    return await launch(plan, { offer, signal, onOutput: (line) => output.push(line) })
  } catch (error) {
    if (signal.aborted) throw error
    const hint = error instanceof LaunchError && error.hint !== undefined ? `\n${error.hint}` : ""
    throw failure(options, "launch", `${messageOf(error)}${hint}`)
  }
}

async function shakeHands(
  options: StartOptions,
  launched: LaunchedWorker,
  signal: AbortSignal,
): Promise<Worker> {
  const line = await readHelloLine(launched.channel, signal)
  if (line === undefined) throw await exitedEarly(options, launched, signal)
  const hello = greet(options, launched, line)
  const transport = options.transports.find((candidate) => candidate.name === hello.transport)
  if (transport === undefined) {
    throw failure(options, "transport", `the worker chose "${hello.transport}", which was not offered`, {
      launched,
    })
  }
  const { workerId, runId, cancelGraceMs, logLevel, limits } = options
  launched.channel.write(`${encodeWelcome({ workerId, runId, cancelGraceMs, logLevel, limits })}\n`)
  const channel = await transport.open({ stream: launched.channel, hello, limits, signal })
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

function greet(options: StartOptions, launched: LaunchedWorker, line: string): Hello {
  try {
    const first = parseHello(line)
    if (first.kind === "hello") return first.hello
    const reason = first.error.code === "unavailable" ? "transport" : "adapter"
    throw failure(options, reason, describeRefusal(first.error, first.skipped), {
      launched,
      traceback: first.error.traceback,
      skipped: first.skipped,
    })
  } catch (error) {
    if (error instanceof ProtocolVersionMismatch)
      throw failure(options, "version", error.message, { launched })
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

async function exitedEarly(
  options: StartOptions,
  launched: LaunchedWorker,
  signal: AbortSignal,
): Promise<StartFailed> {
  launched.kill()
  const exit = await launched.exited
  signal.throwIfAborted()
  const how = exit.signal === null ? `exited with code ${exit.code}` : `was killed by ${exit.signal}`
  return failure(options, "exited", `the process ${how} before it said hello`, { launched })
}

interface FailureDetails {
  readonly launched?: LaunchedWorker | undefined
  readonly traceback?: string | undefined
  readonly skipped?: readonly { transport: string; reason: string }[]
}

function failure(
  options: StartOptions,
  reason: StartFailed["reason"],
  what: string,
  details: FailureDetails = {},
): StartFailed {
  const { launched, traceback, skipped } = details
  const stderr = launched?.stderrTail().trimEnd()
  const tail = stderr && traceback === undefined ? `\nIts last output on stderr:\n${stderr}` : ""
  return new StartFailed({
    message: `worker ${options.workerId} (${options.adapter.name}) could not start: ${what}${tail}`,
    reason,
    workerId: options.workerId,
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
