import { closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs"
import { markAsUntransferable } from "node:worker_threads"
import type { Mapping, OwnFile } from "@snakepit/core/transport"
import type { System } from "./system.js"

/** `SharedMemory.create` */
export function createFile(system: System, bytes: number): OwnFile {
  const fd = system.memfdCreate()
  return orClose(fd, () => {
    // Without this, whoever writes where the system has no memory left would be killed.
    system.fallocate(fd, bytes)
    const at = system.map(fd, bytes)
    let open = true
    const hide = (): void => {
      if (open) closeSync(fd)
      open = false
    }
    const close = (): void => {
      hide()
      system.unmap(at, bytes)
    }
    return { fd, bytes: new Uint8Array(system.view(at, bytes)), hide, close }
  })
}

/** `SharedMemory.open` */
export function openFile(system: System, path: string, bytes: number): Mapping {
  // Whatever else is there, a pipe for instance, must not make this wait.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const at = orClose(fd, () => {
    // Any other file can be cut off by somebody else, and who reads what is gone is killed.
    if (!readlinkSync(`/proc/self/fd/${fd}`).startsWith("/memfd:"))
      throw new Error(`${path} is no file in memory`)
    const { size } = fstatSync(fd)
    if (size < bytes) throw new Error(`${path} has ${size} bytes, less than ${bytes}`)
    return system.map(fd, bytes)
  })
  closeSync(fd)
  return { view: (length) => viewOf(system, at, length), close: () => system.unmap(at, bytes) }
}

/** Must not go to another thread, where nobody would know when it dies. */
function viewOf(system: System, at: bigint, bytes: number): ArrayBuffer {
  const buffer = system.view(at, bytes)
  if (marksAreHarmless) markAsUntransferable(buffer)
  return buffer
}

/**
 * Since version 24 the mark is a key without which no buffer can be detached. Node itself has none when it ends, and
 * aborts over marked memory that is not its own.
 */
const marksAreHarmless = ((): boolean => {
  const trial = new ArrayBuffer(1)
  markAsUntransferable(trial)
  const transfer: unknown = Reflect.get(trial, "transfer")
  try {
    if (typeof transfer === "function") transfer.call(trial)
    return true
  } catch {
    return false
  }
})()

function orClose<T>(fd: number, make: () => T): T {
  try {
    return make()
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
