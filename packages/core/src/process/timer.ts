/** What Node accepts as the delay of a timer, 24.8 days; a longer one would go off at once. */
export const longestDelayMs = 2 ** 31 - 1

/**
 * Like `setTimeout`, for delays of any length: an infinite one never goes off, one beyond 24.8 days does then.
 * Keeps the process alive unless it is told otherwise.
 */
export function startTimer(ms: number, run: () => void): NodeJS.Timeout | undefined {
  if (ms === Number.POSITIVE_INFINITY) return undefined
  return setTimeout(run, Math.min(Math.ceil(ms), longestDelayMs))
}
