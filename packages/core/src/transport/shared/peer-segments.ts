import type { InSegment } from "../../protocol/attach.js"
import { ProtocolViolation } from "../../protocol/violation.js"
import { maxSegmentBytes, maxSegments } from "./bounds.js"
import type { Mapping, SharedMemory } from "./shared-memory.js"

interface Segment {
  readonly id: number
  readonly capacity: number
  readonly mapping: Mapping
  /** Whether values that lie in it may be alive. */
  held: boolean
}

/** Values may keep at most this much of what the peer may have, so that it always has something to write to. */
const maxHeld = (maxSegments * 3) / 4
const maxHeldBytes = (maxSegmentBytes * 3) / 4

/** One for all, because values outlive their connection, and a registry that nobody refers to tells nothing. */
const dead = new FinalizationRegistry<() => void>((letGo) => letGo())

/** What the peer writes to, open here. */
export class PeerSegments {
  readonly #memory: SharedMemory
  readonly #pid: number
  readonly #release: (id: number) => void
  readonly #segments = new Map<number, Segment>()
  #held = 0
  #heldBytes = 0
  #newest = 0
  #closed = false

  /** @param release tells the peer that it may write to a segment. */
  constructor(memory: SharedMemory, pid: number, release: (id: number) => void) {
    this.#memory = memory
    this.#pid = pid
    this.#release = release
  }

  /**
   * Opens a segment that the peer has announced. One that cannot be opened, or is beyond the bounds, is never released:
   * the peer does not use it.
   * @throws {ProtocolViolation} when its number was used before.
   */
  open(id: number, fd: number, capacity: number): void {
    if (id <= this.#newest) throw new ProtocolViolation(`segment ${id} was announced after ${this.#newest}`)
    this.#newest = id
    if (!this.#hasRoom(capacity)) return
    let mapping: Mapping
    try {
      mapping = this.#memory.open(`/proc/${this.#pid}/fd/${fd}`, capacity)
    } catch {
      return
    }
    this.#segments.set(id, { id, capacity, mapping, held: false })
    this.#release(id)
  }

  /**
   * The bytes of an attachment: a view where few are held already, else a copy.
   * @throws {ProtocolViolation} when they cannot be there.
   */
  take({ segment: id, bytes }: InSegment): Uint8Array {
    const segment = this.#segments.get(id)
    if (segment === undefined || segment.held || bytes > segment.capacity)
      throw new ProtocolViolation(`an attachment of ${bytes} bytes cannot lie in segment ${id}`)
    const { mapping, capacity } = segment
    const buffer = mapping.view(bytes)
    if (this.#held >= maxHeld || this.#heldBytes + capacity > maxHeldBytes) {
      const copy = new Uint8Array(new Uint8Array(buffer))
      this.#release(id)
      return copy
    }
    segment.held = true
    this.#held += 1
    this.#heldBytes += capacity
    dead.register(buffer, () => this.#letGo(segment))
    return new Uint8Array(buffer)
  }

  /** @throws {ProtocolViolation} when values still lie in it. */
  forget(id: number): void {
    const segment = this.#segments.get(id)
    if (segment?.held) throw new ProtocolViolation(`segment ${id} is in use`)
    this.#segments.delete(id)
    segment?.mapping.close()
  }

  /** What values lie in stays until the last of them is dead. */
  close(): void {
    this.#closed = true
    for (const { held, mapping } of this.#segments.values()) if (!held) mapping.close()
    this.#segments.clear()
  }

  #letGo(segment: Segment): void {
    segment.held = false
    this.#held -= 1
    this.#heldBytes -= segment.capacity
    if (this.#closed) segment.mapping.close()
    else this.#release(segment.id)
  }

  #hasRoom(capacity: number): boolean {
    let bytes = capacity
    for (const segment of this.#segments.values()) bytes += segment.capacity
    return this.#segments.size < maxSegments && bytes <= maxSegmentBytes
  }
}
