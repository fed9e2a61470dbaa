import type { Duplex } from "node:stream"
import type { Frame } from "../protocol/frame.js"
import type { Hello } from "../protocol/handshake.js"
import type { Limits } from "../protocol/limits.js"
import type { SharedLane } from "./shared/lane.js"
import type { SharedMemory } from "./shared/shared-memory.js"

/** How frames reach a worker that has been launched. Implement it to teach Snakepit another encoding or carrier. */
export interface Transport {
  /** The name that host and worker agree on, and that `SNAKEPIT_TRANSPORTS` uses. */
  readonly name: string
  /**
   * What a worker must know before it says hello, as variables of its environment. Nothing secret: others can read
   * it. Default: nothing.
   */
  environment?(limits: Limits): Readonly<Record<string, string>>
  /** What large binary data may travel in, where a worker offers that and `WorkerIo.lane` is used. Default: nothing. */
  readonly sharedMemory?: SharedMemory | undefined
  /** Its channels feed themselves from `WorkerIo.journal` when the stream ends. Default false. */
  readonly readsJournal?: boolean
  /**
   * Called once for each worker, after hello and welcome were exchanged.
   * Rejects when the frames' carrier cannot be opened; the worker is then killed.
   */
  open(io: WorkerIo): Promise<FrameChannel>
}

/** What all these transports add to the environment of a worker. */
export function environmentFor(
  transports: readonly Transport[],
  limits: Limits,
): Readonly<Record<string, string>> {
  return Object.assign({}, ...transports.map((transport) => transport.environment?.(limits)))
}

export interface WorkerIo {
  /** The private channel, positioned right after the hello line. Its end means that the worker is gone. */
  readonly stream: Duplex
  readonly hello: Hello
  readonly limits: Limits
  /** What the worker had noted, but not written, when it died. Whoever reads the stream to its end closes it. */
  readonly journal?: Journal | undefined
  /** For large binary data, where host and worker share memory. Whoever takes it closes it with the channel. */
  readonly lane?: SharedLane | undefined
  /** Aborted when the start is given up. */
  readonly signal: AbortSignal
}

/** Bytes that a worker keeps back for a moment, where its death cannot take them along. */
export interface Journal {
  /** What follows on the first `received` bytes of the stream, which has ended. Closes it; later it gives nothing. */
  finish(received: number): Buffer
}

/** Carries frames both ways, in order. Never pauses reading: flow control is the protocol's own business. */
export interface FrameChannel {
  /**
   * Queues one frame; everything queued in one tick leaves in one write.
   * @returns the frame's encoded size in bytes, attachments included.
   * @throws {InvalidValue} when the frame cannot be encoded or breaks a limit. Nothing was queued then.
   */
  send(frame: Frame): number
  /** Whether what is queued is below the high-water mark. Bulk senders wait for `onWritable` when it is not. */
  readonly writable: boolean
  onWritable(listener: () => void): void
  /** Whether large binary data travels in shared memory, as far as there is room. Default false. */
  readonly sharedMemory?: boolean
  /**
   * Only where a worker runs on while its answers are still on their way: the highest id among the calls that it has
   * started. Those beyond it have not started, whatever became of those before.
   */
  readonly startedUpTo?: number
  /** Frames in order, as many at a time as arrived together. `ChunkFrame.size` is filled in. */
  onFrames(handler: (batch: readonly Frame[]) => void): void
  /** Called exactly once, after the last frame was delivered. */
  onClosed(listener: (reason: CloseReason) => void): void
  /** Sends what is queued, then closes. Safe to call twice. */
  close(): void
}

export type CloseReason =
  /** The peer closed, or its process ended. */
  | { readonly kind: "eof" }
  /** This side called `close`. */
  | { readonly kind: "closed" }
  /** The peer broke the protocol; the message says how. */
  | { readonly kind: "protocol"; readonly message: string }
  /** The carrier failed. */
  | { readonly kind: "io"; readonly message: string }
