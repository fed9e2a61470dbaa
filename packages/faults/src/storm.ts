import { randomUUID } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Snakepit, WorkerCrashed } from "@snakepit/core"
import { tagOf } from "./endings.js"
import { type Ending, History } from "./history.js"
import { environmentOf, parentOf, processesWith, until } from "./processes.js"
import { Recovery } from "./recovery.js"
import { monotonicMs, readRuns } from "./run-log.js"
import type { StormOptions } from "./storm-options.js"
import {
  failsWith,
  kindsFor,
  lethal,
  maxFrameBytes,
  neverSucceeds,
  type Step,
  StormPlan,
} from "./storm-plan.js"
import type { StormReport } from "./storm-report.js"
import { tools, transports } from "./workers.js"

/** A fork server that ends three times in ten seconds is given up for that long; that is another story. */
const serverEveryMs = 6000

/** How long a lost worker may take to be noticed, and all of them to be up again. */
const patienceMs = 30_000

/** Makes calls while everything goes wrong, and tells what became of them. */
export async function storm(options: StormOptions): Promise<StormReport> {
  const log = await mkdtemp(join(tmpdir(), "snakepit-storm-"))
  const run = randomUUID()
  const begun = monotonicMs()
  try {
    const pit = await startPool(options, log, run)
    const course = new Course(pit, options, run)
    await course.run().finally(() => pit.close({ grace: 0 }))
    await until(() => processesWith(`SNAKEPIT_STORM_RUN=${run}`).length === 0)
    return course.report(log, monotonicMs() - begun)
  } finally {
    await rm(log, { recursive: true, force: true })
  }
}

function startPool(
  { transport, launch, workers = 4, threads = 1 }: StormOptions,
  log: string,
  run: string,
): Promise<Snakepit> {
  const env = { SNAKEPIT_STORM_LOG: log, SNAKEPIT_STORM_RUN: run }
  return Snakepit.start({
    adapter: tools("storm:Storm", { launch, env }),
    transports: [transports[transport]()],
    logger: false,
    limits: { maxFrameBytes },
    pool: {
      size: workers,
      ...(threads > 1 && { profile: "thread", threads }),
      queueTimeout: patienceMs,
      cancelGrace: 200,
      heartbeat: { interval: 100, timeout: 300, maxMissed: 2 },
      // Faults come faster here than a pool has to bear: whoever is replaced must not wait long.
      restart: { intensity: 20, period: 1000, minDelay: 20, maxDelay: 200 },
      crashBarrier: false,
    },
  })
}

class Course {
  readonly #pit: Snakepit
  readonly #options: StormOptions
  readonly #run: string
  readonly #plan: StormPlan
  readonly #history = new History()
  readonly #recovery: Recovery
  readonly #problems: string[] = []
  readonly #faults = new Map<string, number>()
  readonly #inflicted: { readonly pid: number; readonly at: number }[] = []
  /** Calls whose tools end their worker. */
  readonly #suicides = new Set<number>()
  #serverKilledAt = Number.NEGATIVE_INFINITY
  #gate: Promise<unknown> = Promise.resolve()
  #executed = 0
  #accepted = 0
  #crashed = 0

  constructor(pit: Snakepit, options: StormOptions, run: string) {
    this.#pit = pit
    this.#run = run
    this.#options = options
    const { seed, calls, faults, launch } = options
    this.#plan = new StormPlan(seed, calls, faults, kindsFor(launch === "fork"))
    this.#recovery = new Recovery(pit, options.workers ?? 4)
    pit.on("snakepit.request.executed", () => {
      this.#executed += 1
    })
  }

  async run(): Promise<void> {
    const caller = async (): Promise<void> => {
      for (let step = this.#plan.next(); step !== undefined; step = this.#plan.next()) await this.#take(step)
    }
    await Promise.all(Array.from({ length: this.#options.callers }, caller))
    await this.#gate
    // Calls that were given up still stand in line until their worker has said so.
    await until(() => this.#pit.stats().busy === 0 && this.#pit.stats().queued === 0)
    if (!(await this.#recovery.whole(patienceMs))) this.#problems.push("the pool did not become whole again")
    this.#accepted = this.#pit.stats().requests
  }

  report(log: string, ms: number): StormReport {
    const runs = readRuns(log)
    const faults = [...this.#inflicted, ...runs.filter(({ id }) => this.#suicides.has(id))]
    const { accepted } = this.#history
    const deadly = lethal.reduce((sum, kind) => sum + (this.#faults.get(kind) ?? 0), 0)
    if (this.#accepted !== accepted)
      this.#problems.push(`accepted ${accepted}, but the pool counts ${this.#accepted}`)
    if (this.#executed !== accepted)
      this.#problems.push(`accepted ${accepted}, but the pool told of ${this.#executed} ends`)
    if (this.#crashed > deadly * (this.#options.threads ?? 1))
      this.#problems.push(`${this.#crashed} calls crashed by ${deadly} lethal faults`)
    return {
      ...this.#options,
      seconds: ms / 1000,
      faultsByKind: Object.fromEntries(this.#faults),
      endings: Object.fromEntries(this.#history.tally()),
      violations: this.#history.check(runs),
      problems: this.#problems,
      untilWhole: this.#recovery.untilWhole(faults),
      untilSuccess: this.#recovery.untilSuccess(faults),
    }
  }

  async #take(step: Step): Promise<void> {
    const { fault } = step
    if (fault === undefined) return void (await this.#call(step))
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1)
    if (fault === "kill-server") this.#killServer()
    if (!lethal.some((kind) => kind === fault)) return void (await this.#call(step))
    if (!step.alone) return this.#strike(step)
    const before = this.#gate
    const struck = before.then(async () => {
      if (!(await this.#recovery.whole(patienceMs))) this.#problems.push(`not whole before "${fault}"`)
      await this.#strike(step)
    })
    this.#gate = struck
    await struck
  }

  /** A fault that costs a worker: from outside beside the call, or by the call itself. */
  async #strike(step: Step): Promise<void> {
    if (step.fault !== "kill" && step.fault !== "stop") return void (await this.#call(step))
    const pid = this.#victim(step)
    const call = this.#call(step)
    if (pid !== undefined) {
      const at = monotonicMs()
      process.kill(pid, step.fault === "kill" ? "SIGKILL" : "SIGSTOP")
      this.#inflicted.push({ pid, at })
      if (!(await this.#recovery.lost(pid, at, patienceMs)))
        this.#problems.push(`"${step.fault}" went unnoticed`)
    }
    await call
  }

  /** Workers that run live on; those to come need another one. */
  #killServer(): void {
    if (monotonicMs() - this.#serverKilledAt < serverEveryMs) return
    this.#serverKilledAt = monotonicMs()
    const parents = new Set(this.#pit.workers().map(({ pid }) => (pid === null ? 0 : parentOf(pid))))
    // What takes in orphans is not ours to kill.
    for (const pid of parents)
      if (environmentOf(pid).get("SNAKEPIT_STORM_RUN") === this.#run) process.kill(pid, "SIGKILL")
  }

  #victim({ victim }: Step): number | undefined {
    const up = this.#pit.workers().flatMap(({ pid, state }) => (pid !== null && isUp(state) ? [pid] : []))
    return up[Math.floor(victim * up.length)]
  }

  async #call(step: Step): Promise<void> {
    const id = this.#history.issue(step.nonce)
    if (step.fault !== "kill" && step.fault !== "stop" && lethal.some((kind) => kind === step.fault))
      this.#suicides.add(id)
    const ending = await this.#outcome(id, step)
    this.#history.end(id, ending)
    this.#judge(step, ending)
  }

  async #outcome(id: number, step: Step): Promise<Ending> {
    const args = { id, nonce: step.nonce, ...step.args }
    const abort = new AbortController()
    const timer =
      step.cancelAfterMs === undefined ? undefined : setTimeout(() => abort.abort(), step.cancelAfterMs)
    const options = {
      ...(step.timeoutMs !== undefined && { timeout: step.timeoutMs }),
      ...(step.cancelAfterMs !== undefined && { signal: abort.signal }),
    }
    try {
      if (step.chunks === undefined)
        return { kind: "value", nonce: await this.#pit.execute(step.tool, args, options) }
      const chunks: unknown[] = []
      for await (const { data, isFinal } of this.#pit.stream(step.tool, args, options))
        if (!isFinal) chunks.push(data)
      return { kind: "value", nonce: streamed(step, chunks) }
    } catch (error) {
      return { kind: "error", error }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Each fault has its own errors; what is nobody's fault fails only with the worker it was on. */
  #judge({ fault, tool }: Step, ending: Ending): void {
    if (ending.kind === "value") {
      this.#recovery.succeeded()
      if (fault !== undefined && neverSucceeds.has(fault)) this.#problems.push(`"${fault}" had a value`)
      return
    }
    const tag = tagOf(ending.error)
    if (tag === "WorkerCrashed") {
      if (endedWithItsWorker(ending.error)) this.#crashed += 1
    } else if (fault === undefined || !failsWith[fault].includes(tag)) {
      this.#problems.push(`${tool} (${fault ?? "no fault"}) failed: ${String(ending.error)}`)
    }
  }
}

/** The nonce, if every chunk of the stream came, in order, and is its own. */
function streamed({ nonce, chunks = 0 }: Step, received: readonly unknown[]): unknown {
  const expected = Array.from({ length: chunks }, (_, number) => `${nonce} ${number}`)
  return JSON.stringify(received) === JSON.stringify(expected) ? nonce : JSON.stringify(received)
}

/**
 * The call ran when its worker ended: each end has one such call. Others may fail with it: behind a breach of the
 * protocol nobody knows which had begun, and gRPC may lose answers that were on their way.
 */
function endedWithItsWorker(error: unknown): boolean {
  return (
    error instanceof WorkerCrashed &&
    / while it ran /.test(error.message) &&
    !/broke the protocol/.test(error.message)
  )
}

function isUp(state: string): boolean {
  return state === "ready" || state === "busy"
}
