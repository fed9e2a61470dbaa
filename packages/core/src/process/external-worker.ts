import type { Duplex } from "node:stream"
import { Escalation } from "./escalation.js"
import type { ExitInfo, LaunchedWorker } from "./launched.js"
import type { WorkerOutput } from "./output.js"

/** How long channel and output stay open after the exit, for what is still unread. */
const lingerMs = 500

export interface ExternalParts {
  readonly pid: number
  readonly hint: string | undefined
  readonly channel: Duplex
  readonly output: WorkerOutput
  readonly lifeline: Duplex | undefined
}

/** What every worker in a process of its own is made of, however that was launched. */
export abstract class ExternalWorker implements LaunchedWorker {
  readonly pid: number
  readonly hint: string | undefined
  readonly channel: Duplex
  readonly exited: Promise<ExitInfo>
  readonly #output: WorkerOutput
  readonly #lifeline: Duplex | undefined
  readonly #escalation = new Escalation((signal) => this.signal(signal))
  #resolve: (info: ExitInfo) => void = () => {}
  #exitInfo: ExitInfo | undefined

  protected constructor({ pid, hint, channel, output, lifeline }: ExternalParts) {
    this.pid = pid
    this.hint = hint
    this.channel = channel
    this.#output = output
    this.#lifeline = lifeline
    this.exited = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Signals the worker and its children. Not called any more once it has ended. */
  protected abstract signal(signal: NodeJS.Signals): void

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
    this.#lifeline?.destroy()
    this.#resolve(info)
    // After a late timer pending input is read first, therefore the extra turn.
    setTimeout(() => setImmediate(() => this.#close()), lingerMs).unref()
  }

  #close(): void {
    this.channel.destroy()
    this.#output.close()
  }
}
