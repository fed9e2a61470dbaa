import type { PendingCall } from "../pool/calls/pending-call.js"
import type { ChunkFrame, Meta } from "../protocol/frame.js"

/** One piece of a stream. The last one has `isFinal: true`; its data is null when the tool did not mark one itself. */
export type Chunk<T> =
  | { readonly isFinal: false; readonly data: T; readonly metadata: Meta }
  | { readonly isFinal: true; readonly data: T | null; readonly metadata: Meta }

/** What the consumer sees of a chunk frame; the final one's metadata is completed (PROTOCOL.md, ST-4). */
export function toChunk<T>(frame: ChunkFrame, data: T, call: PendingCall): Chunk<T> {
  if (frame.final !== true) return { isFinal: false, data, metadata: frame.meta ?? {} }
  const metadata = {
    execution_time_ms: (performance.now() - call.acceptedAt).toFixed(3),
    tool_type: "remote",
    worker_id: call.worker?.id ?? "",
    ...frame.meta,
  }
  return { isFinal: true, data, metadata }
}

/** A chunk in the merged form of the original Snakepit: the payload's own keys, `is_final` and `_metadata`. */
export function mergedChunk(chunk: Chunk<unknown>): { readonly [key: string]: unknown } {
  const { data, isFinal, metadata } = chunk
  const isMap = typeof data === "object" && data !== null && Object.getPrototypeOf(data) === Object.prototype
  return { ...(isMap ? data : { data }), is_final: isFinal, _metadata: metadata }
}
