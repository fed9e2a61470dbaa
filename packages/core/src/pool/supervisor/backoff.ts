/** Waits that double from attempt to attempt, in milliseconds. */
export interface Delays {
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/**
 * How long to wait before another attempt: twice as long each time, up to the longest wait; of that a random part
 * between half and all of it, so that those who failed together do not come back together.
 * @param attempt 0 for the first wait.
 * @param random from 0 up to 1.
 */
export function backoffDelay({ minDelayMs, maxDelayMs }: Delays, attempt: number, random: number): number {
  return (Math.min(maxDelayMs, minDelayMs * 2 ** attempt) * (1 + random)) / 2
}
