/**
 * Memory that several processes of one machine see at once. `@snakepit/shared-memory` implements it; core knows only
 * what to do with it.
 */
export interface SharedMemory {
  /**
   * A new file in memory, without a name, of which every byte is there.
   * @throws {Error} when the system has no room for it.
   */
  create(bytes: number): OwnFile
  /**
   * Opens a file in memory that another process has.
   * @param path where `/proc` shows it.
   * @throws {Error} when it cannot be opened, is no such file, or is shorter than `bytes`.
   */
  open(path: string, bytes: number): Mapping
}

/** A file in memory that belongs to this process. */
export interface OwnFile {
  readonly fd: number
  /** All of it. Must not be used after `close`. */
  readonly bytes: Uint8Array
  /** Closes the descriptor. The memory stays, here and for whoever has opened it. */
  hide(): void
  close(): void
}

/** The file of another process, in the memory of this one. */
export interface Mapping {
  /** Its first bytes, as a buffer of its own each time. A buffer must not be used after `close`. */
  view(bytes: number): ArrayBuffer
  close(): void
}
