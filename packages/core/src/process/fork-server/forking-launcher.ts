import type { ForkServerPlan, LaunchPlan, ProcessPlan } from "../../adapter/adapter.js"
import { type LaunchIo, launch } from "../launch.js"
import { LaunchError, StillLoading } from "../launch-error.js"
import type { LaunchedWorker, OutputLine } from "../launched.js"
import type { Launcher } from "../launcher.js"
import { orAborted } from "../or-aborted.js"
import { Doorway } from "./doorway.js"
import { ForkServer, ServerEnded, Unusable } from "./fork-server.js"

/** A fork server that ends this often within `deathsMs` is not tried again. */
const maxDeaths = 3
const deathsMs = 10_000

export interface ForkingOptions {
  /** From now on workers are launched one by one. Gets the reason, a sentence; at most once. Must not throw. */
  onFallback(reason: string): void
  /** Gets what the fork server prints. Must not throw. */
  onOutput(line: OutputLine): void
  /** Gets what is odd, as a sentence. Must not throw. */
  onWarning(text: string): void
}

/** Has workers forked where their plan says how, by one fork server, which is started at the first need. */
export class ForkingLauncher implements Launcher {
  readonly #options: ForkingOptions
  readonly #deaths: number[] = []
  #doorway: Promise<Doorway> | undefined
  #server: Promise<ForkServer> | undefined
  #loading: ForkServer | undefined
  readonly #closing = new AbortController()
  #fallenBack = false

  constructor(options: ForkingOptions) {
    this.#options = options
  }

  async launch(plan: LaunchPlan, io: LaunchIo): Promise<LaunchedWorker> {
    if (plan.kind === "in-process" || plan.forkServer === undefined || this.#fallenBack)
      return launch(plan, io)
    try {
      return await this.#fork(plan, plan.forkServer, io)
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      const { required, executable } = plan.forkServer
      if (required) throw new LaunchError({ executable }, `no fork server: ${error.message}`, error)
      this.#fallBack(error.message)
      return launch(plan, io)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    const server = await this.#server?.catch(() => undefined)
    await server?.close()
    const doorway = await this.#doorway?.catch(() => undefined)
    doorway?.close()
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  /** A worker that was lost with its fork server, or found no socket, is forked again. */
  async #fork(plan: ProcessPlan, forkServer: ForkServerPlan, io: LaunchIo): Promise<LaunchedWorker> {
    for (;;) {
      try {
        const server = await this.#available(plan, forkServer, io)
        await this.#open()
        return await server.fork(plan, io)
      } catch (error) {
        const doorway = await this.#doorway?.catch(() => undefined)
        const wasHindered =
          error instanceof ServerEnded || (error instanceof LaunchError && doorway?.isThere === false)
        if (!wasHindered || this.#closed) throw error
      }
    }
  }

  async #available(plan: ProcessPlan, forkServer: ForkServerPlan, io: LaunchIo): Promise<ForkServer> {
    if (this.#server === undefined) this.#checkDeaths()
    this.#server ??= this.#start(plan, forkServer, io)
    const server = this.#server
    const { signal } = io
    if (signal === undefined) return server
    // Nobody waits longer than the own launch may take, and who gives up hears what it was waiting for.
    return orAborted(
      signal,
      () => server,
      () => (this.#loading === undefined ? signal.reason : new StillLoading(this.#loading.progress)),
    )
  }

  async #start(plan: ProcessPlan, forkServer: ForkServerPlan, io: LaunchIo): Promise<ForkServer> {
    const loading = new AbortController()
    const giveUp = (): void => loading.abort()
    // One that loads for ever goes with the launch that began it; others have the next one.
    const limits = [this.#closing.signal, io.signal]
    for (const limit of limits) limit?.addEventListener("abort", giveUp, { once: true })
    if (limits.some((limit) => limit?.aborted)) giveUp()
    try {
      const doorway = await this.#open()
      const onOutput = (line: OutputLine): void => this.#options.onOutput(line)
      const options = { plan, forkServer, doorway, registry: io.registry, onOutput }
      const server = await ForkServer.run(options)
      this.#loading = server
      await server.loaded(loading.signal)
      void server.exited.then(() => this.#onExit())
      return server
    } catch (error) {
      this.#server = undefined
      throw error
    } finally {
      this.#loading = undefined
      for (const limit of limits) limit?.removeEventListener("abort", giveUp)
    }
  }

  /** The socket, which is there. */
  async #open(): Promise<Doorway> {
    this.#doorway ??= Doorway.open((reason) => this.#options.onWarning(reason))
    try {
      const doorway = await this.#doorway
      await doorway.reopen()
      return doorway
    } catch (error) {
      this.#doorway = undefined
      throw new Unusable(error instanceof Error ? error.message : String(error))
    }
  }

  #onExit(): void {
    this.#server = undefined
    if (!this.#closed) this.#deaths.push(performance.now())
  }

  #checkDeaths(): void {
    const recent = this.#deaths.filter((time) => time > performance.now() - deathsMs)
    this.#deaths.splice(0, this.#deaths.length, ...recent)
    if (recent.length >= maxDeaths)
      throw new Unusable(`it ended ${recent.length} times within ${deathsMs / 1000} seconds`)
  }

  #fallBack(reason: string): void {
    if (this.#fallenBack) return
    this.#fallenBack = true
    this.#options.onFallback(reason)
  }
}
