const listeners = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Like `addEventListener`, but with one listener for all calls that share a signal: Node takes many for a leak.
 * @returns the undoing.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const all = listeners.get(signal) ?? listenTo(signal)
  all.add(listener)
  return () => {
    all.delete(listener)
  }
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>()
  listeners.set(signal, all)
  const tellAll = (): void => {
    for (const listener of all) listener()
  }
  signal.addEventListener("abort", tellAll, { once: true })
  return all
}
