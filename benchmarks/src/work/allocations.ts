import { PerformanceObserver } from "node:perf_hooks"

/** Needs `--expose-gc`. */
function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error("run this with --expose-gc")
  // The memory of dead buffers is given back by a thread; the second collection waits for the first one's.
  globalThis.gc()
  globalThis.gc()
}

/** Bytes of JavaScript objects that are alive. */
export function heapInUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

/**
 * Bytes that `work` allocates, whatever becomes of them: those of JavaScript objects, and those of buffers.
 * Nothing is collected meanwhile only if the young generation is large enough (`--min-semi-space-size`).
 *
 * @throws Error when something was collected.
 */
export async function allocated(work: () => Promise<unknown>): Promise<{ heap: number; buffers: number }> {
  collectGarbage()
  // What was collected until now is reported late.
  await new Promise(setImmediate)
  let collections = 0
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length
  })
  observer.observe({ entryTypes: ["gc"] })
  const before = process.memoryUsage()
  await work()
  const after = process.memoryUsage()
  await new Promise(setImmediate)
  observer.disconnect()
  if (collections > 0) throw new Error(`garbage was collected ${collections} times`)
  return { heap: after.heapUsed - before.heapUsed, buffers: after.arrayBuffers - before.arrayBuffers }
}
