import type { ToolValue } from "./values.js"

/** String map that travels with a call, result or chunk (W3C trace context, timings …). */
export type Meta = { readonly [key: string]: string }

/** What an error looks like on the wire (PROTOCOL.md, ER-1). */
export interface WireError {
  readonly code: ErrorCode
  /** The error's own name, for instance `ValueError`. */
  readonly type: string
  readonly message: string
  readonly traceback?: string
  readonly details?: ToolValue
  readonly retryable?: boolean
}

export const errorCodes = [
  "not_started",
  "tool_error",
  "unknown_tool",
  "invalid_parameter",
  "not_serializable",
  "cancelled",
  "deadline_exceeded",
  "resource_exhausted",
  "unavailable",
  "protocol_error",
  "internal",
] as const

export type ErrorCode = (typeof errorCodes)[number]

export interface CallFrame {
  readonly type: "call"
  readonly id: number
  readonly tool: string
  readonly args: { readonly [key: string]: unknown }
  readonly stream?: boolean | undefined
  /** Initial credit of a stream; 64 when absent. */
  readonly credit?: number | undefined
  readonly session?: string | undefined
  /** Milliseconds left when the frame was sent. */
  readonly deadlineMs?: number | undefined
  /** The callee's own outstanding call that this one is nested in. */
  readonly parent?: number | undefined
  readonly meta?: Meta | undefined
}

export interface ResultFrame {
  readonly type: "result"
  readonly id: number
  readonly value: unknown
  readonly meta?: Meta
}

export interface ChunkFrame {
  readonly type: "chunk"
  readonly id: number
  readonly seq: number
  readonly value: unknown
  readonly final?: boolean
  readonly meta?: Meta
  /** Size in bytes as received. Never on the wire: the decoding channel fills it in, credit is counted by it. */
  readonly size?: number | undefined
}

export interface ErrorFrame {
  readonly type: "error"
  readonly id: number
  readonly error: WireError
}

export interface CancelFrame {
  readonly type: "cancel"
  readonly id: number
  readonly reason?: string
  /** Take the call back only if it has not started. */
  readonly recall?: boolean
}

export interface CreditFrame {
  readonly type: "credit"
  readonly id: number
  readonly n: number
}

export interface PingFrame {
  readonly type: "ping" | "pong"
  readonly nonce: number
}

export type LogLevel = "debug" | "info" | "warn" | "error"

export interface LogFrame {
  readonly type: "log"
  readonly level: LogLevel
  readonly message: string
  readonly logger?: string
  readonly call?: number
}

export interface EventFrame {
  readonly type: "event"
  readonly name: string
  readonly measurements: { readonly [key: string]: number }
  readonly metadata: { readonly [key: string]: unknown }
}

export interface DrainFrame {
  readonly type: "drain"
  readonly graceMs: number
}

/** About a segment of shared memory: the business of the channel, which delivers no such frame (PROTOCOL.md, SM-4). */
export type SegmentFrame =
  | {
      readonly type: "segment"
      readonly segment: number
      /** Where its owner has it open. */
      readonly fd: number
      readonly capacity: number
    }
  | { readonly type: "release" | "forget"; readonly segment: number }

/** Everything that host and worker say to each other after the handshake. */
export type Frame =
  | CallFrame
  | ResultFrame
  | ChunkFrame
  | ErrorFrame
  | CancelFrame
  | CreditFrame
  | PingFrame
  | LogFrame
  | EventFrame
  | DrainFrame
  | SegmentFrame
