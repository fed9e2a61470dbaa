/**
 * What somebody else's work comes to, for no longer than until a signal is aborted. Nothing is kept of it afterwards.
 * @param reason what it then rejects with. Default: the signal's own.
 */
export function orAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  reason: () => unknown = () => signal.reason,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(reason())
    const onAbort = (): void => reject(reason())
    signal.addEventListener("abort", onAbort, { once: true })
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort))
  })
}
