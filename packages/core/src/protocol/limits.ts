/** The limits of a connection; the host sets them and tells the worker in its welcome. */
export interface Limits {
  /** Bytes of one frame without its attachments. Default 64 MiB. */
  readonly maxFrameBytes: number
  /** Bytes of all attachments of one frame together. Default 1 GiB. */
  readonly maxAttachmentBytes: number
  /** Levels of nesting in a value. Default 128. */
  readonly maxDepth: number
  /** Top-level calls outstanding per unit of worker concurrency. Default 64. */
  readonly maxInFlight: number
}

export const defaultLimits: Limits = {
  maxFrameBytes: 64 * 1024 * 1024,
  maxAttachmentBytes: 1024 * 1024 * 1024,
  maxDepth: 128,
  maxInFlight: 64,
}

/** Bytes of a hello or welcome line. */
export const maxHelloBytes = 4 * 1024 * 1024
/** Tools that one worker may declare. */
export const maxTools = 1024
/** Credit a stream starts with. */
export const defaultCredit = 1024
/** Bytes of a chunk that one unit of credit pays for. */
export const creditUnitBytes = 4 * 1024
/** Digits of an integer; what Python's `int` reads by default. */
export const maxIntegerDigits = 4300
/** Levels of calls nested in callbacks. */
export const maxNesting = 16

/** What a chunk of `size` encoded bytes costs its producer, in credit. */
export function creditCost(size: number): number {
  return Math.max(1, Math.ceil(size / creditUnitBytes))
}
