import { longestDelayMs } from "./timer.js"

/**
 * Keeps the process alive while work is pending, and only then: a program that awaits a call does not die in
 * mid-await, and one that is done does not hang because workers are still up.
 */
export class KeepAlive {
  #holders = 0
  #handle: NodeJS.Timeout | undefined

  acquire(): void {
    this.#holders += 1
    if (this.#holders > 1) return
    // It does nothing; its only purpose is to be referenced or not.
    this.#handle ??= setInterval(() => {}, longestDelayMs)
    this.#handle.ref()
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.#handle?.unref()
  }

  /** Holds while the promise is pending. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.acquire()
    try {
      return await work
    } finally {
      this.release()
    }
  }

  close(): void {
    clearInterval(this.#handle)
    this.#handle = undefined
  }
}
