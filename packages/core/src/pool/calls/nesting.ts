import { AsyncLocalStorage } from "node:async_hooks"
import type { IncomingCall } from "../../connection/incoming-call.js"
import type { Worker } from "../../worker/worker.js"
import type { CallMaker, PendingCall } from "./pending-call.js"

/** A callback that is being served: what the calls it makes need to know of their ancestors. */
export class HostCall implements CallMaker {
  readonly open = new Set<PendingCall>()
  readonly depth: number
  readonly #outer: CallMaker | undefined

  constructor(
    readonly worker: Worker,
    readonly incoming: IncomingCall,
    /** The call whose tool called back; unknown when a worker calls on its own account. */
    readonly call: PendingCall | undefined,
    /** The pool of the worker that calls back. */
    readonly owner: { readonly name: string },
  ) {
    this.#outer = call?.madeBy
    this.depth = (this.#outer?.depth ?? 0) + 1
  }

  get ended(): boolean {
    return this.incoming.settled
  }

  get deadline(): number {
    return this.call?.deadline ?? Number.POSITIVE_INFINITY
  }

  get rebuilds(): boolean {
    return this.call?.rebuilds === true
  }

  get session(): string | undefined {
    return this.call?.submission.request.session
  }

  blocked(fits: (worker: Worker) => boolean): { readonly worker: Worker; readonly id: number } | undefined {
    const { worker, incoming } = this
    if (fits(worker) && !incoming.settled && worker.live) return { worker, id: incoming.id }
    return this.#outer?.blocked(fits)
  }
}

const current = new AsyncLocalStorage<HostCall>()

/** Runs a callback so that every call made in it, however deep, finds its ancestors. */
export function runInside<T>(host: HostCall, callback: () => T): T {
  return current.run(host, callback)
}

/** The callback this code runs in, if any. What a callback leaves running after its end is on its own. */
export function currentHostCall(): HostCall | undefined {
  const host = current.getStore()
  return host?.ended === true ? undefined : host
}
