import type { PoolCounts, PoolStats } from "./pool/stats.js"
import type { RuntimeInfo } from "./protocol/handshake.js"
import type { Runtime } from "./runtime.js"

/** One worker as it is now. */
export interface WorkerInfo {
  readonly id: string
  readonly pool: string
  readonly pid: number | null
  readonly state: "starting" | "ready" | "busy" | "draining" | "stopped"
  readonly transport: string | null
  /** Whether large binary data travels in shared memory, as far as there is room. */
  readonly sharedMemory: boolean
  readonly runtime: RuntimeInfo | null
  /** Calls it can run at a time: 1, or the threads it has but for those in which a call does not stop. */
  readonly concurrency: number
  /** Calls it holds, started or waiting behind one. */
  readonly busy: number
  /** Calls it has answered. */
  readonly requests: number
  /** Sessions that it has served and that have not ended: it may keep something for them. */
  readonly sessions: number
  readonly uptimeMs: number
  /** Resident memory of its process at its last heartbeat, in bytes; `null` where nobody knows. */
  readonly memoryBytes: number | null
  /** Frames of its that belonged to no open call, and were ignored. A worker that keeps to the protocol sends none. */
  readonly droppedFrames: number
  /** Lines it printed that were not logged because there were too many: beyond 1,000 a second on a stream. */
  readonly droppedLines: number
}

/** What there is to say of a worker that is not up yet. */
const blank = {
  pid: null,
  transport: null,
  sharedMemory: false,
  runtime: null,
  concurrency: 0,
  busy: 0,
  requests: 0,
  sessions: 0,
  uptimeMs: 0,
  memoryBytes: null,
  droppedFrames: 0,
  droppedLines: 0,
}

export function listWorkers(runtime: Runtime): WorkerInfo[] {
  const infos: WorkerInfo[] = []
  for (const { pool, starting } of runtime.client.pools.values()) {
    for (const worker of pool.workers) {
      const { id, pid, state, concurrency, load, requests, hello, connection, droppedLines } = worker
      infos.push({
        id,
        pool: pool.name,
        pid,
        state: pool.isRetiring(worker) ? "draining" : state,
        transport: hello.transport,
        sharedMemory: connection.sharedMemory,
        runtime: hello.runtime,
        concurrency,
        busy: load,
        requests,
        sessions: pool.sessionsOf(worker),
        uptimeMs: performance.now() - worker.startedAt,
        memoryBytes: worker.memory ?? null,
        droppedFrames: connection.dropped,
        droppedLines,
      })
    }
    for (const id of starting) infos.push({ id, pool: pool.name, state: "starting", ...blank })
  }
  return infos.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }))
}

/** Numbers of all pools together, and of each. */
export interface Stats extends PoolCounts {
  readonly pools: { readonly [name: string]: PoolStats }
}

export function totalStats(runtime: Runtime): Stats {
  const each = [...runtime.client.pools].map(([name, { pool }]) => [name, pool.stats()] as const)
  const sum = (key: keyof PoolCounts): number => each.reduce((total, [, stats]) => total + stats[key], 0)
  return {
    workers: sum("workers"),
    available: sum("available"),
    busy: sum("busy"),
    starting: sum("starting"),
    requests: sum("requests"),
    queued: sum("queued"),
    errors: sum("errors"),
    queueTimeouts: sum("queueTimeouts"),
    poolSaturated: sum("poolSaturated"),
    requeued: sum("requeued"),
    retried: sum("retried"),
    crashes: sum("crashes"),
    recycled: sum("recycled"),
    pools: Object.fromEntries(each),
  }
}
