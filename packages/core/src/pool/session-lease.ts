import type { LinkedList } from "../collections/linked-list.js"
import type { Affinity } from "./bindings.js"
import type { PendingCall } from "./pending-call.js"

/** A session, as far as its calls concern it. */
export interface SessionLease {
  readonly id: string
  /** `undefined`: that of the pool. */
  readonly affinity: Affinity | undefined
  /** Its open calls, of all pools. While there is one, the session does not expire. */
  readonly calls: LinkedList<PendingCall>
  /** It was closed, or has expired. */
  readonly ended: boolean
  /** When it was used last, on the clock of `performance.now`. */
  usedAt: number
}
