export * from "../protocol/frame.js"
export * from "../protocol/handshake.js"
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
export type { ParameterSpec, ParameterType, ToolSpec } from "../protocol/tools.js"
export * from "../protocol/values.js"
export { ProtocolVersionMismatch, ProtocolViolation } from "../protocol/violation.js"
export type { CloseReason, FrameChannel, Transport, WorkerIo } from "./transport.js"
