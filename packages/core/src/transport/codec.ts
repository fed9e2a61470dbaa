import type { Frame } from "../protocol/frame.js"

/** How one connection's frames become bytes, and bytes frames. */
export interface FrameCodec {
  /** @throws {InvalidValue} when the frame cannot be encoded or breaks a limit. */
  encode(frame: Frame): EncodedBytes
  readonly decoder: FrameDecoder
}

/** A frame as it is written: its head, then its attachments. */
export interface EncodedBytes {
  readonly head: string | Uint8Array
  /** Written as they are, not copied. */
  readonly attachments: readonly Uint8Array[]
  /** Bytes that credit is counted by. */
  readonly size: number
}

/** Turns bytes into frames, however they were cut. Holds back only what is incomplete. */
export interface FrameDecoder {
  /**
   * Appends the frames that `chunk` completes to `frames`. The chunk may be reused afterwards.
   * @throws {ProtocolViolation} after the frames before the fault were appended; the decoder is of no use then.
   */
  feed(chunk: Buffer, frames: Frame[]): void
  /**
   * The stream has ended.
   * @throws {ProtocolViolation} when it did so in the middle of a frame.
   */
  end(): void
}
