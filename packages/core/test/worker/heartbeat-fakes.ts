import type { HostClock } from "../../src/process/host-lag.js"
import { Heartbeats, type Miss, type Patient } from "../../src/worker/heartbeat.js"
import type { HeartbeatPolicy } from "../../src/worker/heartbeat-policy.js"

/** A host whose time passes only when it is told to, in the order of a real event loop: timers, input, immediates. */
export class FakeHost implements HostClock {
  #now = 1000
  readonly #timers = new Map<object, { readonly at: number; run(): void }>()
  readonly #immediates: (() => void)[] = []
  /** What arrives while the host is blocked, and is read in the next turn of its loop. */
  readonly input: (() => void)[] = []

  now(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = {}
    this.#timers.set(timer, { at: this.#now + ms, run })
    return () => void this.#timers.delete(timer)
  }

  afterInput(run: () => void): void {
    this.#immediates.push(run)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Time passes and the host attends to it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers.values()].map(({ at }) => at).sort((a, b) => a - b)
      if (next === undefined || next > end) break
      this.#now = Math.max(this.#now, next)
      await this.#turn()
    }
    this.#now = end
  }

  /** Time passes, and nobody hears of it before the next turn: a blocked loop, a sleeping machine. */
  block(ms: number): void {
    this.#now += ms
  }

  async #turn(): Promise<void> {
    for (const [timer, { at, run }] of [...this.#timers]) {
      if (at > this.#now) continue
      this.#timers.delete(timer)
      run()
    }
    for (const arrive of this.input.splice(0)) arrive()
    await settled()
    for (const run of this.#immediates.splice(0)) run()
    await settled()
  }
}

/** Resolves when every promise that could go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A worker that answers pings as long as it is `well`. */
export class FakeWorker implements Patient {
  readonly id = "default-1"
  readonly pool = "default"
  pid: number | null = 4711
  live = true
  load = 0
  requests = 0
  stuck = false
  memory: number | undefined
  well = true
  /** When it was pinged. */
  readonly pinged: number[] = []
  readonly killed: string[] = []
  readonly connection = { ping: (): Promise<void> => this.#ping() }
  readonly #host: FakeHost
  #pongs: (() => void)[] = []

  constructor(host: FakeHost) {
    this.#host = host
  }

  kill(because: string): void {
    this.killed.push(because)
  }

  /** Pings without an answer. */
  get unanswered(): number {
    return this.#pongs.length
  }

  /** Answers what it was asked and did not answer. */
  recover(): void {
    this.well = true
    for (const pong of this.#pongs.splice(0)) pong()
  }

  #ping(): Promise<void> {
    this.pinged.push(this.#host.now())
    if (this.well) return Promise.resolve()
    return new Promise((resolve) => this.#pongs.push(resolve))
  }
}

export interface Ward {
  readonly host: FakeHost
  readonly worker: FakeWorker
  readonly beats: Heartbeats<FakeWorker>
  readonly misses: Miss[]
  /** State letters of processes. */
  readonly states: Map<number, string>
  /** What every process has. */
  readonly memory: { bytes: number | undefined }
}

/** One worker under observation: a ping every 100 ms, which may take 400, and three misses are too many. */
export function ward(policy: Partial<HeartbeatPolicy> = {}): Ward {
  const host = new FakeHost()
  const worker = new FakeWorker(host)
  const misses: Miss[] = []
  const states = new Map([[4711, "S"]])
  const memory: { bytes: number | undefined } = { bytes: undefined }
  const full = { intervalMs: 100, timeoutMs: 400, maxMissed: 3, dependent: true, ...policy }
  const beats = new Heartbeats<FakeWorker>(
    full,
    (_, miss) => misses.push(miss),
    host,
    (pid) => states.get(pid),
    () => memory.bytes,
  )
  beats.watch(worker)
  return { host, worker, beats, misses, states, memory }
}
