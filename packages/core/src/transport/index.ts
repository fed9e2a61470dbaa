export { type Attached, announced, type InSegment, sumOf } from "../protocol/attach.js"
export { bigintFromText } from "../protocol/bigint-text.js"
export type { Fields } from "../protocol/fields.js"
export * from "../protocol/frame.js"
export { appendFrames, frameFromFields, type ValueDecoder } from "../protocol/frame-decode.js"
export * from "../protocol/handshake.js"
export { checkSize, invalidFrame, refuseLoneSurrogates } from "../protocol/invalid-frame.js"
export { formatPath } from "../protocol/invalid-value.js"
export type { EncodeOptions } from "../protocol/json-encode.js"
export { type EncodedFrame, encodeFrame } from "../protocol/json-frame.js"
export {
  type DecodeOptions,
  decodeFrame,
  decodeLine,
  type JsonLine,
  readLine,
} from "../protocol/json-line.js"
export * from "../protocol/limits.js"
export { packNumbers, unpackNumbers } from "../protocol/number-list.js"
export { isDtype } from "../protocol/tensor.js"
export type { ParameterSpec, ParameterType, ToolSpec } from "../protocol/tools.js"
export { type Entries, ValueEncoder } from "../protocol/value-encode.js"
export * from "../protocol/values.js"
export { ProtocolVersionMismatch, ProtocolViolation, show } from "../protocol/violation.js"
export { dateFromIso } from "../protocol/zoned-date.js"
export { AttachmentReader } from "./attachments.js"
export { ByteBuffer } from "./byte-buffer.js"
export { ByteChannel, type ByteChannelOptions } from "./byte-channel.js"
export { type ChannelOptions, channelTransport } from "./channel-transport.js"
export type { EncodedBytes, FrameCodec, FrameDecoder } from "./codec.js"
export { jsonCodec } from "./json-codec.js"
export { openLane, SharedLane } from "./shared/lane.js"
export type { Mapping, OwnFile, SharedMemory } from "./shared/shared-memory.js"
export type { CloseReason, FrameChannel, Journal, Transport, WorkerIo } from "./transport.js"
