import type { Duplex } from "node:stream"
import { socketChannel } from "../channel.js"
import { Escalation } from "../escalation.js"
import type { ExitInfo, LaunchedWorker, OutputLine } from "../launched.js"
import { WorkerOutput } from "../output.js"
import type { Connections } from "./doorway.js"

/** How long channel and output stay open after the exit, for what is still unread. */
const lingerMs = 500
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
export class ForkedWorker implements LaunchedWorker {
  readonly pid: number
  readonly hint: string | undefined
  readonly channel: Duplex
  readonly exited: Promise<ExitInfo>
  readonly #reach: Reach
  readonly #output: WorkerOutput
  readonly #connections: Connections
  readonly #escalation: Escalation
  #resolve: (info: ExitInfo) => void = () => {}
  #exitInfo: ExitInfo | undefined

  constructor(pid: number, connections: Connections, { reach, hint, onOutput }: WorkerParts) {
    this.pid = pid
    this.hint = hint
    this.#reach = reach
    this.#connections = connections
    this.#escalation = new Escalation((signal) => this.#signal(signal))
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.channel = socketChannel(connections.channel)
    this.#output = new WorkerOutput(connections, onOutput)
    // Nothing comes there; only who reads sees the end.
    connections.lifeline.resume().once("close", () => this.#lifelineEnded())
  }

  get exitInfo(): ExitInfo | undefined {
    return this.#exitInfo
  }

  get drained(): Promise<void> {
    return this.#output.drained
  }

  get droppedLines(): number {
    return this.#output.dropped
  }

  stderrTail(): string {
    return this.#output.stderrTail()
  }

  terminate(graceMs: number): Promise<ExitInfo> {
    this.#escalation.start(graceMs)
    return this.exited
  }

  kill(): void {
    this.#escalation.kill()
  }

  /** The worker is gone. Only the first time counts. */
  end(info: ExitInfo): void {
    if (this.#exitInfo !== undefined) return
    this.#exitInfo = info
    this.#escalation.end()
    this.#connections.lifeline.destroy()
    this.#resolve(info)
    // After a late timer pending input is read first, therefore the extra turn.
    setTimeout(() => setImmediate(() => this.#close()), lingerMs).unref()
  }

  #signal(signal: NodeJS.Signals): void {
    this.#reach.signal(signal)
    if (signal === "SIGKILL") this.#finishWithin(patienceMs)
  }

  #lifelineEnded(): void {
    if (this.#exitInfo === undefined) this.#finishWithin(this.#reach.serverLives ? patienceMs : reportMs)
  }

  /** Whoever should tell how the worker ended may be gone, or hang. */
  #finishWithin(ms: number): void {
    setTimeout(() => {
      if (this.#exitInfo !== undefined) return
      if (this.#reach.finish()) this.end({ code: null, signal: null })
      else this.#finishWithin(patienceMs)
    }, ms).unref()
  }

  #close(): void {
    this.channel.destroy()
    this.#output.close()
  }
}

export interface WorkerParts {
  readonly reach: Reach
  readonly hint: string | undefined
  onOutput(line: OutputLine): void
}
