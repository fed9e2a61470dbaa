import { LinkedList, type Place } from "../../collections/linked-list.js"
import { startTimer } from "../../process/timer.js"

/** An alarm that was set. */
export interface Alarm<T> {
  readonly key: number
  readonly place: Place<T>
}

/** Alarms go off at most this much late, in milliseconds; it lets those of many calls share one moment. */
export const grainMs = 8

/**
 * Wakes things at their times by a single timer. Nearly every call ends long before its limit, so setting an alarm
 * and taking it back is what must be cheap. Never keeps the process alive. Times are those of `performance.now()`.
 */
export class Alarms<T> {
  readonly #wake: (item: T, now: number) => void
  readonly #buckets = new Map<number, LinkedList<T>>()
  #timer: NodeJS.Timeout | undefined
  #armedFor = Number.POSITIVE_INFINITY

  constructor(wake: (item: T, now: number) => void) {
    this.#wake = wake
  }

  /** @returns what `delete` takes back; nothing for an infinite time, which never comes. */
  set(item: T, at: number): Alarm<T> | undefined {
    if (at === Number.POSITIVE_INFINITY) return undefined
    const key = bucketOf(at)
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = new LinkedList()
      this.#buckets.set(key, bucket)
      if (key < this.#armedFor) this.#arm(key)
    }
    return { key, place: bucket.push(item) }
  }

  delete({ key, place }: Alarm<T>): void {
    place.leave()
    if (this.#buckets.get(key)?.size === 0) this.#buckets.delete(key)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#buckets.clear()
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  #arm(key: number): void {
    clearTimeout(this.#timer)
    this.#armedFor = key
    const waitMs = Math.max(0, key * grainMs - performance.now())
    this.#timer = startTimer(waitMs, () => this.#ring())
    this.#timer?.unref()
  }

  #ring(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    const now = performance.now()
    const due = [...this.#buckets.keys()].filter((key) => key * grainMs <= now).sort((a, b) => a - b)
    for (const key of due) {
      const items = this.#buckets.get(key)?.toArray() ?? []
      this.#buckets.delete(key)
      for (const item of items) this.#wake(item, now)
    }
    let next = Number.POSITIVE_INFINITY
    for (const key of this.#buckets.keys()) next = Math.min(next, key)
    if (next < this.#armedFor) this.#arm(next)
  }
}

function bucketOf(at: number): number {
  return Math.ceil(at / grainMs)
}
