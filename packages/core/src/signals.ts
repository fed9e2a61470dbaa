const signals = ["SIGINT", "SIGTERM"] as const

/** Closes on the first signal, then lets the signal do what it does without us. @returns the undoing. */
export function closeOnSignals(close: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    remove()
    void close().finally(() => process.kill(process.pid, signal))
  }
  const remove = (): void => {
    for (const signal of signals) process.off(signal, onSignal)
  }
  for (const signal of signals) process.once(signal, onSignal)
  return remove
}
