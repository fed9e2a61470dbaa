import type { SharedMemory } from "@snakepit/core/transport"
import { createFile, openFile } from "./files.js"
import { loadSystem } from "./system.js"

/**
 * What large binary data travels in, for `json({ sharedMemory })` and `msgpack({ sharedMemory })`.
 * @returns undefined where it cannot be had: on other systems than Linux, or where `koffi` has no binary for this one.
 *   Transports do without it then.
 */
export function sharedMemory(): SharedMemory | undefined {
  const system = loadSystem()
  return (
    system && {
      create: (bytes) => createFile(system, bytes),
      open: (path, bytes) => openFile(system, path, bytes),
    }
  )
}
