import type { InSegment } from "../../protocol/attach.js"
import type { SegmentFrame } from "../../protocol/frame.js"
import { capacityFor, idleMs, maxSegmentBytes, maxSegments, minSegmentBytes } from "./bounds.js"
import type { OwnFile, SharedMemory } from "./shared-memory.js"

interface Segment {
  readonly id: number
  readonly file: OwnFile
  readonly capacity: number
  /** Whether the peer has it open. */
  open: boolean
  used: boolean
  lastUse: number
}

/** What this side writes to. The peer lets it know which segments it may write to (again). */
export class OwnSegments {
  readonly #memory: SharedMemory
  readonly #send: (frame: SegmentFrame) => void
  readonly #segments = new Map<number, Segment>()
  #nextId = 1
  #bytes = 0
  #idle: NodeJS.Timeout | undefined
  /** When the system, which gave no memory, may be asked again. */
  #refusedUntil = 0

  constructor(memory: SharedMemory, send: (frame: SegmentFrame) => void) {
    this.#memory = memory
    this.#send = send
  }

  /**
   * Copies large bytes into a free segment. When there is none, another one is prepared for the next time, if the
   * bounds allow.
   * @returns undefined when they have to travel on the socket.
   */
  place(bytes: Uint8Array): InSegment | undefined {
    if (bytes.byteLength < minSegmentBytes) return undefined
    const segment = this.#free(bytes.byteLength)
    if (segment === undefined) {
      this.#prepare(bytes.byteLength)
      return undefined
    }
    segment.file.bytes.set(bytes)
    segment.used = true
    return { bytes: bytes.byteLength, segment: segment.id }
  }

  /** The peer has opened a segment, or has no use for what is in it any more. @returns whether it could have. */
  release(id: number): boolean {
    const segment = this.#segments.get(id)
    if (segment === undefined || (segment.open && !segment.used)) return false
    if (!segment.open) segment.file.hide()
    segment.open = true
    segment.used = false
    segment.lastUse = performance.now()
    return true
  }

  close(): void {
    clearInterval(this.#idle)
    for (const { file } of this.#segments.values()) file.close()
    this.#segments.clear()
  }

  /** The smallest that fits, so that large ones stay free for what is large. */
  #free(bytes: number): Segment | undefined {
    let best: Segment | undefined
    for (const segment of this.#segments.values()) {
      if (!isFree(segment) || segment.capacity < bytes) continue
      if (best === undefined || segment.capacity < best.capacity) best = segment
    }
    return best
  }

  #prepare(bytes: number): void {
    const capacity = capacityFor(bytes)
    if (performance.now() < this.#refusedUntil || this.#isPreparing() || !this.#makeRoom(capacity)) return
    const file = attempt(() => this.#memory.create(capacity))
    if (file === undefined) {
      // To find out takes as long as to fill what memory there is, and others may want that.
      this.#refusedUntil = performance.now() + idleMs
      return
    }
    const id = this.#nextId++
    this.#segments.set(id, { id, file, capacity, open: false, used: false, lastUse: performance.now() })
    this.#bytes += capacity
    this.#idle ??= setInterval(() => this.#forgetIdle(), idleMs).unref()
    this.#send({ type: "segment", segment: id, fd: file.fd, capacity })
  }

  /** One at a time: many values at once need not all become segments. */
  #isPreparing(): boolean {
    for (const { open } of this.#segments.values()) if (!open) return true
    return false
  }

  /** Gives up free segments, the longest unused first. @returns whether one of so many bytes is within the bounds. */
  #makeRoom(capacity: number): boolean {
    const free = [...this.#segments.values()].filter(isFree)
    const bytes = maxSegmentBytes - this.#bytes + free.reduce((sum, segment) => sum + segment.capacity, 0)
    if (bytes < capacity || this.#segments.size - free.length >= maxSegments) return false
    free.sort((a, b) => a.lastUse - b.lastUse)
    for (const segment of free) {
      if (maxSegmentBytes - this.#bytes >= capacity && this.#segments.size < maxSegments) break
      this.#forget(segment)
    }
    return true
  }

  /** One that the peer has not opened stays: its answer may be on the way. */
  #forgetIdle(): void {
    const since = performance.now() - idleMs
    for (const segment of this.#segments.values()) {
      if (isFree(segment) && segment.lastUse <= since) this.#forget(segment)
    }
    if (this.#segments.size > 0) return
    clearInterval(this.#idle)
    this.#idle = undefined
  }

  #forget({ id, file, capacity }: Segment): void {
    this.#segments.delete(id)
    this.#bytes -= capacity
    file.close()
    this.#send({ type: "forget", segment: id })
  }
}

const isFree = ({ open, used }: Segment): boolean => open && !used

function attempt<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}
