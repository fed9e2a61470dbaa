import type { ForkServerPlan, ProcessPlan } from "../../adapter/adapter.js"
import { inheritedEnvironment } from "../inherited-environment.js"
import { type LaunchIo, launch } from "../launch.js"
import { LaunchError, launchError } from "../launch-error.js"
import { type ExitInfo, howItEnded, type LaunchedWorker, type OutputLine } from "../launched.js"
import { newNonce } from "../registry/nonce.js"
import { unrecorded } from "../registry/registry.js"
import type { Doorway } from "./doorway.js"
import type { ForkedWorker } from "./forked-worker.js"
import { readLines } from "./lines.js"
import { PendingFork } from "./pending-fork.js"
import { parseReport, type Report } from "./reports.js"

/** How long its process may go on when its channel has ended. */
const lingerMs = 500

/** There can be no fork server here; a worker may well be launched without one. */
export class Unusable extends Error {
  override readonly name = "Unusable"
}

/** The fork server ended before the worker was there. Nothing is left of the worker. */
export class ServerEnded extends Error {
  override readonly name = "ServerEnded"
}

export interface ServerOptions {
  readonly plan: ProcessPlan
  readonly forkServer: ForkServerPlan
  readonly doorway: Doorway
  readonly registry: LaunchIo["registry"]
  onOutput(line: OutputLine): void
}

/** A process that forks workers. */
export class ForkServer {
  readonly #options: ServerOptions
  readonly #process: LaunchedWorker
  readonly #nonce: string
  readonly #pending = new Map<number, PendingFork>()
  readonly #workers = new Map<number, ForkedWorker>()
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #hello: Promise<Report>
  #onHello: (report: Report) => void = () => {}
  #lastId = 0
  #ended = false

  /** Runs it; it can fork as soon as it is `loaded`. @throws {LaunchError} when it cannot be run. */
  static async run(options: ServerOptions): Promise<ForkServer> {
    const nonce = newNonce()
    const { plan, forkServer, registry = unrecorded, onOutput } = options
    const { executable, args } = forkServer
    const own = { announce: () => registry.announce(nonce), sweep: () => registry.sweep() }
    const io = { offer: [], onOutput, registry: own }
    return new ForkServer(options, nonce, await launch({ ...plan, channel: "fd", executable, args }, io))
  }

  private constructor(options: ServerOptions, nonce: string, process: LaunchedWorker) {
    this.#options = options
    this.#process = process
    this.#nonce = nonce
    this.#environment = inheritedEnvironment(options.plan)
    this.#hello = new Promise((resolve) => {
      this.#onHello = resolve
    })
    readLines(process.channel, (line) => this.#onLine(line))
    // Nobody hears what one without a channel has to say.
    for (const end of ["end", "close"])
      process.channel.once(end, () => void setTimeout(() => this.kill(), lingerMs).unref())
    void process.exited.then(() => this.#end())
  }

  /** Settles when it has ended; never rejects. */
  get exited(): Promise<ExitInfo> {
    return this.#process.exited
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  get alive(): boolean {
    return !this.#ended
  }

  /**
   * Resolves when it has loaded everything.
   *
   * @param signal gives the start up.
   * @throws {Unusable} when it ends before, or must not fork.
   * @throws {ServerEnded} when the start was given up.
   * @throws {LaunchError} when it cannot load what it shall.
   */
  async loaded(signal: AbortSignal): Promise<void> {
    const giveUp = (): void => this.kill()
    signal.addEventListener("abort", giveUp, { once: true })
    if (signal.aborted) giveUp()
    const report = await Promise.race([this.#hello, this.#process.exited.then(() => undefined)])
    signal.removeEventListener("abort", giveUp)
    if (report?.type === "hello") return
    this.kill()
    const exit = await this.#process.exited
    await this.#process.drained
    if (signal.aborted) throw new ServerEnded("the start of the fork server was given up")
    if (report?.type !== "refusal")
      throw new Unusable(`it ${howItEnded(exit)} before it said hello${this.#tail()}`)
    if (report.code === "unavailable") throw new Unusable(report.message)
    const { executable } = this.#options.forkServer
    throw new LaunchError({ executable }, `as a fork server: ${report.message}`)
  }

  /** What it is at, while it is not loaded. */
  get progress(): string {
    const { loads = [] } = this.#options.forkServer
    return `the fork server was still loading${loads.length > 0 ? ` ${loads.join(", ")}` : ""}${this.#tail()}`
  }

  /**
   * Forks a worker.
   *
   * @throws {ServerEnded} when this server ended before the worker was there.
   * @throws {LaunchError} when the worker cannot be forked, or ended at once.
   * @throws the signal's reason when the launch was given up. Nothing is left of the worker in any case.
   */
  async fork(plan: ProcessPlan, io: LaunchIo): Promise<LaunchedWorker> {
    io.signal?.throwIfAborted()
    if (this.#ended) throw new ServerEnded("the fork server has ended")
    this.#lastId += 1
    const id = this.#lastId
    const { doorway, forkServer, registry = unrecorded } = this.#options
    const pending = new PendingFork({
      plan,
      io,
      expected: doorway.expect(),
      announcement: registry.announce(this.#nonce),
      signal: (signal) => this.#send({ type: "kill", id, signal }),
      serverLives: () => !this.#ended,
    })
    this.#pending.set(id, pending)
    const { token } = pending
    const env = this.#changes(plan, io)
    const { workerArgs: args } = forkServer
    const cwd = plan.cwd === this.#options.plan.cwd ? undefined : plan.cwd
    this.#send({ type: "fork", id, args, cwd, env, socket: doorway.path, token })
    try {
      const worker = await pending.worker
      if (worker.exitInfo === undefined) this.#follow(id, worker)
      return worker
    } catch (error) {
      // A server that has not even answered after so long hangs.
      if (pending.isStuck) this.kill()
      throw error
    } finally {
      this.#pending.delete(id)
    }
  }

  /** Ends it at once. Workers live on. */
  kill(): void {
    this.#process.kill()
  }

  /** Ends it. Workers live on. */
  async close(): Promise<void> {
    await this.#process.terminate(500)
  }

  #follow(id: number, worker: ForkedWorker): void {
    this.#workers.set(id, worker)
    void worker.exited.then(() => this.#workers.delete(id))
  }

  #tail(): string {
    const stderr = this.#process.stderrTail().trimEnd()
    return stderr === "" ? "" : `. Its last output on stderr:\n${stderr}`
  }

  #onLine(line: string): void {
    try {
      const report = parseReport(line)
      if (report !== undefined) this.#onReport(report)
    } catch (error) {
      const text = `The fork server said what is no report (${String(error)}); it is replaced.`
      this.#options.onOutput({ stream: "stderr", text })
      this.kill()
    }
  }

  #onReport(report: Report): void {
    switch (report.type) {
      case "hello":
      case "refusal":
        return this.#onHello(report)
      case "forked":
        return this.#pending.get(report.id)?.forked(report.pid)
      case "failed": {
        const { code, message } = report
        const cause = Object.assign(new Error(message), { code })
        return this.#pending.get(report.id)?.fail(launchError(this.#options.plan, cause))
      }
      case "exit":
        this.#pending.get(report.id)?.ended(report.exit)
        return this.#workers.get(report.id)?.end(report.exit)
    }
  }

  #end(): void {
    this.#ended = true
    for (const pending of this.#pending.values()) pending.fail(new ServerEnded("the fork server has ended"))
  }

  #send(request: object): void {
    if (!this.#ended) this.#process.channel.write(`${JSON.stringify(request)}\n`)
  }

  /** What a worker's environment has that this server's has not, and the other way round. */
  #changes(plan: ProcessPlan, io: LaunchIo): Record<string, string | null> {
    const wanted: Record<string, string | undefined> = {
      ...inheritedEnvironment(plan),
      ...io.environment,
      SNAKEPIT_OFFER: JSON.stringify(io.offer),
    }
    const changes: Record<string, string | null> = {}
    for (const [name, value] of Object.entries(wanted))
      if (value !== undefined && value !== this.#environment[name]) changes[name] = value
    for (const name of Object.keys(this.#environment))
      if (wanted[name] === undefined && this.#environment[name] !== undefined) changes[name] = null
    return changes
  }
}
