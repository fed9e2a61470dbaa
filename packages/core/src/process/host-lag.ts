import { startTimer } from "./timer.js"

/** Time and turns of the host's event loop, to be replaced in tests. */
export interface HostClock {
  /** Milliseconds from a fixed moment; never jumps with the date. */
  now(): number
  /** Runs something once, without keeping the host alive for it. @returns what takes it back. */
  after(ms: number, run: () => void): () => void
  /** Runs something when the input that has already arrived was read. */
  afterInput(run: () => void): void
}

export const hostClock: HostClock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = startTimer(ms, run)?.unref()
    return () => clearTimeout(timer)
  },
  // Timers come before input in a turn of the event loop, immediates after it.
  afterInput: (run) => void setImmediate(run),
}

/**
 * Time as the host lives it, measured by how late its timers are: while its event loop is blocked, or the machine
 * sleeps, it stands still. Who judges others by it blames nobody for what the host could not hear.
 */
export class HostTime {
  /** Milliseconds that the host was awake. */
  now = 0
  /** Milliseconds that it was not. */
  lag = 0
  #last: number

  /** @param started the clock's time. */
  constructor(started: number) {
    this.#last = started
  }

  /** To be called by a timer, with the clock's time and the milliseconds in which it should have gone off. */
  advance(clock: number, expectedMs: number): void {
    const elapsed = clock - this.#last
    const awake = Math.min(elapsed, expectedMs)
    this.#last = clock
    this.now += awake
    this.lag += elapsed - awake
  }
}
