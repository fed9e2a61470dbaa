import { type Duplex, duplexPair } from "node:stream"
import type { InProcessPlan } from "../adapter/adapter.js"
import type { ExitInfo, LaunchedWorker } from "./launched.js"

/** A worker inside this process. It has ended when its end of the channel has. */
export class InProcessWorker implements LaunchedWorker {
  readonly pid = null
  readonly hint = undefined
  readonly droppedLines = 0
  readonly drained = Promise.resolve()
  readonly channel: Duplex
  readonly exited: Promise<ExitInfo>
  readonly #workerEnd: Duplex
  #exitInfo: ExitInfo | undefined
  #error: Error | undefined

  constructor(plan: InProcessPlan, offer: readonly string[]) {
    const [channel, workerEnd] = duplexPair({ allowHalfOpen: false })
    this.channel = channel
    this.#workerEnd = workerEnd
    this.exited = new Promise((resolve) => {
      const end = () => resolve(this.#end())
      workerEnd.once("finish", end)
      workerEnd.once("close", end)
    })
    workerEnd.on("error", (error) => {
      this.#error = error
    })
    channel.on("error", () => {})
    closeTogether(channel, workerEnd)
    closeTogether(workerEnd, channel)
    plan.start(workerEnd, offer)
  }

  get exitInfo(): ExitInfo | undefined {
    return this.#exitInfo
  }

  stderrTail(): string {
    return this.#error?.stack ?? ""
  }

  terminate(_graceMs: number): Promise<ExitInfo> {
    this.kill()
    return this.exited
  }

  kill(): void {
    this.#workerEnd.destroy()
  }

  #end(): ExitInfo {
    this.#exitInfo ??= { code: this.#error ? 1 : 0, signal: null }
    return this.#exitInfo
  }
}

/** When one end closes, the other one is read to its end and closes too, as with a socket. */
function closeTogether(from: Duplex, to: Duplex): void {
  from.once("close", () => {
    if (to.readableEnded) return void to.destroy()
    to.once("end", () => to.destroy())
    to.push(null)
  })
}
