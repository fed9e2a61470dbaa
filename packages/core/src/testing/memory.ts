import type { Duplex } from "node:stream"
import type { Limits } from "../protocol/limits.js"
import { ProtocolViolation } from "../protocol/violation.js"
import type { FrameChannel, Transport } from "../transport/transport.js"
import { MemoryChannel } from "./memory-channel.js"
import { MemoryPipe } from "./memory-pipe.js"

/** The name of the in-memory transport. */
export const memoryName = "memory"

/** Bytes that may be under way before `FrameChannel.writable` turns false. */
const highWaterMark = 1024 * 1024

/**
 * Frames inside this process, to workers made by `inProcess`. They are encoded and decoded on the way, so values,
 * limits and errors behave as they do over JSON.
 */
export function memory(): Transport {
  return {
    name: memoryName,
    async open({ stream, hello, limits, signal }) {
      signal.throwIfAborted()
      const link = MemoryLink.take(hello.address)
      if (link === undefined) {
        throw new ProtocolViolation(
          `memory reaches workers of inProcess() only, but the worker named ${hello.address}`,
        )
      }
      return link.hostEnd(stream, limits, hello.features.has("attachments"))
    },
  }
}

/** A connection inside this process whose host has not come yet. */
export class MemoryLink {
  static readonly #waiting = new Map<string, MemoryLink>()
  static #made = 0

  /** What the worker's hello says, for instance `memory:1`. */
  readonly address: string
  readonly #toHost = new MemoryPipe(highWaterMark)
  readonly #toWorker = new MemoryPipe(highWaterMark)

  constructor() {
    MemoryLink.#made += 1
    this.address = `${memoryName}:${MemoryLink.#made}`
    MemoryLink.#waiting.set(this.address, this)
  }

  /** Each link is taken once. */
  static take(address: string | null): MemoryLink | undefined {
    const link = address === null ? undefined : MemoryLink.#waiting.get(address)
    link?.forget()
    return link
  }

  /** No host will come any more. */
  forget(): void {
    MemoryLink.#waiting.delete(this.address)
  }

  hostEnd(stream: Duplex, limits: Limits, attachments: boolean): FrameChannel {
    const pipes = { incoming: this.#toHost, outgoing: this.#toWorker }
    return new MemoryChannel({ stream, limits, attachments, ...pipes })
  }

  workerEnd(stream: Duplex, limits: Limits): FrameChannel {
    const pipes = { incoming: this.#toWorker, outgoing: this.#toHost }
    return new MemoryChannel({ stream, limits, attachments: true, ...pipes })
  }
}
