/** Whether a worker can lead a process group of its own, which is signalled as one. */
export const hasProcessGroups = process.platform !== "win32"

/** The descriptor whose end of file tells a worker that the host is gone, where that can be had. */
export const lifelineFd = hasProcessGroups ? 4 : undefined

/** Signals a worker and its children. The caller makes sure that `pid` still belongs to the worker. */
export function signalWorker(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(hasProcessGroups ? -pid : pid, signal)
  } catch {
    // The group is empty, or (macOS) holds only processes that wait to be reaped: nothing is left to signal.
  }
}
