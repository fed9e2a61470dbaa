import { closeSync, constants, fstatSync, openSync } from "node:fs"
import { markAsUntransferable } from "node:worker_threads"
import type { Mapping, OwnFile } from "@snakepit/core/transport"
import type { System } from "./system.js"

/** `SharedMemory.create` */
export function createFile(system: System, bytes: number): OwnFile {
  const fd = system.memfdCreate()
  return orClose(fd, () => {
    // Without this a full /dev/shm would kill the process that writes to the memory.
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
    const { size } = fstatSync(fd)
    if (size < bytes) throw new Error(`${path} has ${size} bytes, less than ${bytes}`)
    return system.map(fd, bytes)
  })
  closeSync(fd)
  return { view: (length) => viewOf(system, at, length), close: () => system.unmap(at, bytes) }
}

/** Who has received it may write to it, but it cannot go to another thread: nobody would know when it dies there. */
function viewOf(system: System, at: bigint, bytes: number): ArrayBuffer {
  const buffer = system.view(at, bytes)
  markAsUntransferable(buffer)
  return buffer
}

function orClose<T>(fd: number, make: () => T): T {
  try {
    return make()
  } catch (error) {
    closeSync(fd)
    throw error
  }
}
