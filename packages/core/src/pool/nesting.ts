import { AsyncLocalStorage } from "node:async_hooks"
import type { IncomingCall } from "../connection/incoming-call.js"
import type { Worker } from "../worker/worker.js"
import type { PendingCall } from "./pending-call.js"

/** A callback that is being served: what the calls it makes need to know of their ancestors. */
export class HostCall {
  /** Calls made by the callback that are still open; they end with it. */
  readonly open = new Set<PendingCall>()
  readonly depth: number
  readonly outer: HostCall | undefined

  constructor(
    readonly worker: Worker,
    readonly incoming: IncomingCall,
    /** The call whose tool called back; unknown when a worker calls on its own account. */
    readonly call: PendingCall | undefined,
  ) {
    this.outer = call?.madeBy
    this.depth = (this.outer?.depth ?? 0) + 1
  }

  /** The nearest ancestor worker of a pool; it is blocked, so it can serve nested calls. */
  nearest(pool: string): HostCall | undefined {
    for (let host: HostCall | undefined = this; host !== undefined; host = host.outer) {
      if (host.worker.pool === pool && !host.incoming.settled && host.worker.live) return host
    }
    return undefined
  }
}

const current = new AsyncLocalStorage<HostCall>()

/** Runs a callback so that every call made in it, however deep, finds its ancestors. */
export function runInside<T>(host: HostCall, callback: () => T): T {
  return current.run(host, callback)
}

/** The callback this code runs in, if any. */
export function currentHostCall(): HostCall | undefined {
  return current.getStore()
}
