import { type HostClock, HostTime, hostClock } from "../process/host-lag.js"
import { readProcess, residentMemory } from "../process/process-table.js"
import { diagnose } from "./diagnosis.js"
import type { HeartbeatPolicy } from "./heartbeat-policy.js"
import { type Pinged, Pinger } from "./pinger.js"

/** What a heartbeat needs to know of a worker, and to do with it. */
export interface Patient extends Pinged {
  /** Accepts calls: neither draining nor gone. */
  readonly live: boolean
  /** Calls without an answer. */
  readonly load: number
  /** A call does not stop. */
  readonly stuck: boolean
  /** Calls it has answered. */
  readonly requests: number
  /** Resident memory when it was last looked at, in bytes. */
  memory: number | undefined
  kill(because: string): void
}

/** A heartbeat that was missed, and what came of it. */
export interface Miss {
  /** Misses in a row. */
  readonly missed: number
  readonly action: "none" | "killed"
  /** For people, after the worker's name: `did not answer 3 heartbeats`. */
  readonly reason: string
}

/** A question that was asked. Its time is the host's own, see `HostTime`. */
interface Ping {
  readonly askedAt: number
  readonly givenUp: AbortController
  /** Set when it was refused. */
  complaint?: string
}

interface Watch<W extends Patient> {
  readonly worker: W
  readonly pinger: Pinger
  /** When to ask next. */
  due: number
  ping: Ping | undefined
  missed: number
  /** The calls that it had answered at the last miss, or before any. */
  requests: number
  /** The host's lag when the first question that was missed, or the last one that was not, was asked. */
  lagBefore: number
}

/** Looks in an interval, or in a timeout if that is shorter: how finely pings are spread and misses are seen. */
const looks = 10
/** The least time between two looks, in milliseconds: timers are late by one or two. */
const leastLookMs = 5
/** The golden ratio, by which workers that come one after another are spread evenly over the interval. */
const spread = (Math.sqrt(5) - 1) / 2

/**
 * Asks the workers of a pool, each in its turn of the interval, whether they are well, and kills those that are dead.
 * One timer serves all of them, and never keeps the host alive.
 */
export class Heartbeats<W extends Patient> {
  readonly #policy: HeartbeatPolicy
  readonly #onMiss: (worker: W, miss: Miss) => void
  readonly #clock: HostClock
  readonly #stateOf: (pid: number) => string | undefined
  readonly #memoryOf: (pid: number) => number | undefined
  readonly #time: HostTime
  readonly #lookMs: number
  readonly #watches = new Map<W, Watch<W>>()
  #watched = 0
  #stopTimer: (() => void) | undefined

  constructor(
    policy: HeartbeatPolicy,
    onMiss: (worker: W, miss: Miss) => void,
    clock = hostClock,
    stateOf = (pid: number) => readProcess(pid)?.state,
    memoryOf = residentMemory,
  ) {
    this.#policy = policy
    this.#onMiss = onMiss
    this.#clock = clock
    this.#stateOf = stateOf
    this.#memoryOf = memoryOf
    this.#time = new HostTime(clock.now())
    this.#lookMs = Math.max(leastLookMs, Math.min(policy.intervalMs, policy.timeoutMs) / looks)
  }

  /** From now on a worker is asked, until it is unwatched, drains, ends or is killed. */
  watch(worker: W): void {
    this.#watched += 1
    const due = this.#time.now + this.#policy.intervalMs * ((this.#watched * spread) % 1)
    this.#watches.set(worker, {
      worker,
      pinger: new Pinger(worker, this.#policy.ping),
      due,
      ping: undefined,
      missed: 0,
      requests: worker.requests,
      lagBefore: this.#time.lag,
    })
    if (this.#stopTimer === undefined) this.#arm()
  }

  unwatch(worker: W): void {
    this.#watches.get(worker)?.ping?.givenUp.abort()
    this.#watches.delete(worker)
    if (this.#watches.size > 0) return
    this.#stopTimer?.()
    this.#stopTimer = undefined
  }

  close(): void {
    for (const worker of [...this.#watches.keys()]) this.unwatch(worker)
  }

  #arm(): void {
    this.#stopTimer = this.#clock.after(this.#lookMs, () => {
      this.#time.advance(this.#clock.now(), this.#lookMs)
      this.#arm()
      this.#clock.afterInput(() => {
        for (const watch of this.#watches.values()) this.#look(watch)
      })
    })
  }

  #look(watch: Watch<W>): void {
    const { worker, ping } = watch
    if (!worker.live) return this.unwatch(worker)
    if (ping === undefined) {
      if (this.#time.now >= watch.due) this.#ask(watch)
    } else if (ping.complaint !== undefined || this.#time.now - ping.askedAt >= this.#policy.timeoutMs) {
      this.#judge(watch, ping)
    }
  }

  #ask(watch: Watch<W>): void {
    const ping: Ping = { askedAt: this.#time.now, givenUp: new AbortController() }
    watch.ping = ping
    const { worker } = watch
    if (worker.pid !== null) worker.memory = this.#memoryOf(worker.pid) ?? worker.memory
    if (watch.missed === 0) {
      watch.requests = worker.requests
      watch.lagBefore = this.#time.lag
    }
    watch.pinger.ask(ping.givenUp.signal).then(
      () => {
        if (watch.ping === ping) this.#heard(watch, ping)
      },
      (error: unknown) => {
        ping.complaint = error instanceof Error ? error.message : String(error)
      },
    )
  }

  #heard(watch: Watch<W>, ping: Ping): void {
    watch.missed = 0
    this.#end(watch, ping)
  }

  #end(watch: Watch<W>, ping: Ping): void {
    watch.ping = undefined
    watch.due = Math.max(this.#time.now, ping.askedAt + this.#policy.intervalMs)
    ping.givenUp.abort()
  }

  #judge(watch: Watch<W>, ping: Ping): void {
    const { worker } = watch
    // An answer to a call is as good as a pong, and may come before it.
    const answered = worker.requests !== watch.requests
    if (answered && ping.complaint === undefined) return this.#heard(watch, ping)
    watch.missed = answered ? 1 : watch.missed + 1
    watch.requests = worker.requests
    this.#end(watch, ping)
    const { action, reason } = diagnose({
      missed: watch.missed,
      policy: this.#policy,
      busy: worker.load > 0,
      stuck: worker.stuck,
      isProcess: worker.pid !== null,
      processState: worker.pid === null ? undefined : this.#stateOf(worker.pid),
      hostLagMs: this.#time.lag - watch.lagBefore,
      complaint: ping.complaint,
    })
    const { missed } = watch
    if (action === "kill") {
      this.unwatch(worker)
      worker.kill(reason)
    } else if (action === "probe") {
      watch.pinger.renew()
      this.#ask(watch)
    }
    this.#onMiss(worker, { missed, action: action === "kill" ? "killed" : "none", reason })
  }
}
