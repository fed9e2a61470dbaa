/** Binary data below this travels on the socket. */
export const minSegmentBytes = 1024 * 1024
/** Segments that one side has on a connection, and the bytes of all of them. */
export const maxSegments = 8
export const maxSegmentBytes = 512 * 1024 * 1024
/** A segment that was not used for so long is freed, and a system that had no memory is asked again. */
export const idleMs = 30_000

const step = 16 * 1024 * 1024

/** Bytes of a segment made for so many: few different sizes, so that it fits the next value too. */
export function capacityFor(bytes: number): number {
  if (bytes > step) return Math.ceil(bytes / step) * step
  return Math.max(minSegmentBytes, 2 ** Math.ceil(Math.log2(bytes)))
}
