const signals = ["SIGINT", "SIGTERM"] as const

/** Signals belong to the process, and Node takes many listeners for a leak: one serves all that must be closed. */
const closers = new Set<() => Promise<void>>()

/** Closes on the first signal, then lets the signal do what it does without us. @returns the undoing. */
export function closeOnSignals(close: () => Promise<void>): () => void {
  if (closers.size === 0) for (const signal of signals) process.on(signal, closeAll)
  closers.add(close)
  return () => {
    if (closers.delete(close) && closers.size === 0) ignoreSignals()
  }
}

function closeAll(signal: NodeJS.Signals): void {
  const closing = [...closers].map((close) => close())
  closers.clear()
  ignoreSignals()
  void Promise.allSettled(closing).finally(() => process.kill(process.pid, signal))
}

function ignoreSignals(): void {
  for (const signal of signals) process.off(signal, closeAll)
}
