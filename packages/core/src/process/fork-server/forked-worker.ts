import { socketChannel } from "../channel.js"
import { ExternalWorker } from "../external-worker.js"
import type { OutputLine } from "../launched.js"
import { WorkerOutput } from "../output.js"
import type { Connections } from "./doorway.js"

/** How long the report of an exit may come after the end of the lifeline. */
const reportMs = 100
/** How long a fork server may take to do what it is told. */
const patienceMs = 1000

/** What reaches a worker, whether its fork server lives or not. */
export interface Reach {
  /** Signals the worker and its children, by the fork server if it lives. */
  signal(signal: NodeJS.Signals): void
  /**
   * Kills what is left of them without the fork server, if that is certain to hit nobody else.
   * @returns whether the worker is gone.
   */
  finish(): boolean
  readonly serverLives: boolean
}

/** A worker that a fork server has forked, and that has connected. */
export class ForkedWorker extends ExternalWorker {
  readonly #reach: Reach

  constructor(pid: number, connections: Connections, { reach, hint, onOutput }: WorkerParts) {
    const { lifeline } = connections
    super({
      pid,
      hint,
      channel: socketChannel(connections.channel),
      output: new WorkerOutput(connections, onOutput),
      lifeline,
    })
    this.#reach = reach
    // Nothing comes there; only who reads sees the end.
    lifeline.resume().once("close", () => this.#lifelineEnded())
  }

  protected override signal(signal: NodeJS.Signals): void {
    this.#reach.signal(signal)
    if (signal === "SIGKILL") this.#finishWithin(patienceMs)
  }

  #lifelineEnded(): void {
    if (this.exitInfo === undefined) this.#finishWithin(this.#reach.serverLives ? patienceMs : reportMs)
  }

  /** Whoever should tell how the worker ended may be gone, or hang. */
  #finishWithin(ms: number): void {
    setTimeout(() => {
      if (this.exitInfo !== undefined) return
      if (this.#reach.finish()) this.end({ code: null, signal: null })
      else this.#finishWithin(patienceMs)
    }, ms).unref()
  }
}

export interface WorkerParts {
  readonly reach: Reach
  readonly hint: string | undefined
  onOutput(line: OutputLine): void
}
