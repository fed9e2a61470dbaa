import type { Worker } from "../../worker/worker.js"
import { PendingCall } from "../calls/pending-call.js"
import type { LoadTable } from "./load-table.js"
import { chooseVictim, stalledWorkers, stallMs } from "./scheduler.js"

/** Takes calls back that wait behind others, so that another worker may have them. */
export class Balance {
  readonly #table: LoadTable<Worker>
  #stallTimer: NodeJS.Timeout | undefined

  constructor(table: LoadTable<Worker>) {
    this.#table = table
  }

  /** A worker is idle: half of what waits behind the busiest one may move, but what had better stay with its session. */
  relieve(): void {
    const choice = chooseVictim(this.#table)
    if (choice !== undefined) recall(choice.victim, choice.calls, (call) => call.session === undefined)
  }

  /** A worker is to get rid of what it has not started, as far as it may. */
  clear(worker: Worker, may: (call: PendingCall) => boolean): void {
    if (worker.canRecall && worker.waiting > 0) recall(worker, worker.waiting, may)
  }

  /** Ticks only while calls wait behind others, and takes them back from workers that turned out to be slow. */
  watch(): void {
    if (this.#stallTimer !== undefined || this.#table.behind.size === 0) return
    this.#stallTimer = setTimeout(() => {
      this.#stallTimer = undefined
      for (const worker of stalledWorkers(this.#table, performance.now())) {
        recall(worker, worker.waiting, (call) => !call.strict)
        this.#table.settle(worker)
      }
      this.watch()
    }, stallMs)
    this.#stallTimer.unref()
  }

  close(): void {
    clearTimeout(this.#stallTimer)
  }
}

/** The newest are taken back, and the oldest of them first, because it is served first. */
function recall(worker: Worker, calls: number, may: (call: PendingCall) => boolean): void {
  const movable = worker
    .notStarted()
    .filter(({ listener }) => listener instanceof PendingCall && may(listener))
  for (const wire of movable.slice(-calls)) worker.recall(wire)
}
