import type { Attached, InSegment } from "../../protocol/attach.js"
import type { Frame, SegmentFrame } from "../../protocol/frame.js"
import type { Hello, Probe } from "../../protocol/handshake.js"
import { ProtocolViolation } from "../../protocol/violation.js"
import { OwnSegments } from "./own-segments.js"
import { PeerSegments } from "./peer-segments.js"
import { canRead, makeProbe, type OwnProbe } from "./probe.js"
import type { SharedMemory } from "./shared-memory.js"

/** Segment 0: the probe. */
const probeId = 0

/**
 * The lane of a worker whose hello offers one; `undefined` when there is none, or this process cannot use it. Whoever
 * asks for it closes it.
 */
export function openLane(memory: SharedMemory | undefined, hello: Hello): SharedLane | undefined {
  const { sharedMemory: peer } = hello
  if (memory === undefined || peer === undefined || !canRead(peer)) return undefined
  try {
    return new SharedLane(memory, makeProbe(memory), peer.pid)
  } catch {
    return undefined
  }
}

/** Large binary data of one connection, in memory that both sides see (PROTOCOL.md, SM-1). */
export class SharedLane {
  readonly #own: OwnSegments
  readonly #peer: PeerSegments
  readonly #probe: OwnProbe
  #send: (frame: SegmentFrame) => void = () => {}
  #usable = false
  #closed = false

  /** @param pid of the peer, whose probe was read. */
  constructor(memory: SharedMemory, probe: OwnProbe, pid: number) {
    const send = (frame: SegmentFrame): void => this.#send(frame)
    this.#own = new OwnSegments(memory, send)
    this.#peer = new PeerSegments(memory, pid, (segment) => send({ type: "release", segment }))
    this.#probe = probe
  }

  /** What the welcome says, so that the peer can look for it. */
  get probe(): Probe {
    return this.#probe.probe
  }

  /** Whether the peer, too, can open what this side has. */
  get usable(): boolean {
    return this.#usable
  }

  /** Frames may flow now. */
  start(send: (frame: SegmentFrame) => void): void {
    this.#send = send
    send({ type: "release", segment: probeId })
  }

  /**
   * Copies what is large into segments, as long as there are some.
   * @returns where each attachment is; `undefined` when all of them have to travel on the socket.
   */
  place(attachments: readonly Uint8Array[]): readonly Attached[] | undefined {
    if (!this.#usable || this.#closed) return undefined
    let attach: Attached[] | undefined
    for (const [index, bytes] of attachments.entries()) {
      const entry = this.#own.place(bytes)
      if (entry === undefined) continue
      attach ??= attachments.map(({ byteLength }) => byteLength)
      attach[index] = entry
    }
    return attach
  }

  /** Takes back what was placed for a frame that cannot be sent. */
  withdraw(attach: readonly Attached[]): void {
    for (const entry of attach) if (typeof entry === "object") this.#own.release(entry.segment)
  }

  /** What the peer has put into a segment. @throws {ProtocolViolation} when there is no such thing. */
  take(entry: InSegment): Uint8Array {
    return this.#peer.take(entry)
  }

  /** @returns whether the frame was for the lane. @throws {ProtocolViolation} when it makes no sense. */
  receive(frame: Frame): boolean {
    switch (frame.type) {
      case "segment":
        this.#peer.open(frame.segment, frame.fd, frame.capacity)
        return true
      case "release":
        this.#released(frame.segment)
        return true
      case "forget":
        this.#peer.forget(frame.segment)
        return true
      default:
        return false
    }
  }

  /** Frees all but what values still lie in. Safe to call twice. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (!this.#usable) this.#probe.file.close()
    this.#own.close()
    this.#peer.close()
  }

  #released(id: number): void {
    const first = id === probeId && !this.#usable
    if (!first && !this.#own.release(id))
      throw new ProtocolViolation(`segment ${id} was released, but not used`)
    if (!first) return
    this.#usable = true
    this.#probe.file.close()
  }
}
