import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { memoryOf } from "../../src/processes.js"

setFlagsFromString("--expose-gc")
const collectGarbage: () => void = runInNewContext("gc")

export const megabyte = 2 ** 20

/** Bytes that the host and one worker hold, without what only waits to be collected. */
export function held(pid: number): { readonly host: number; readonly worker: number } {
  // Dead buffers are given back by a thread of V8; the second collection waits until the first has done so.
  collectGarbage()
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { host: heapUsed + arrayBuffers, worker: memoryOf(pid) }
}
