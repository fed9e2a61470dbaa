export {
  type Adapter,
  type Args,
  defineAdapter,
  type ForkServerPlan,
  type InProcessPlan,
  type LaunchContext,
  type LaunchPlan,
  type NamedArgs,
  type ProcessPlan,
  type WorkerProfile,
} from "./adapter/adapter.js"
export type {
  BinaryArgs,
  CallOptions,
  DurationInput,
  SessionCallOptions,
  StreamOptions,
} from "./client/call-options.js"
export { type Chunk, mergedChunk } from "./client/chunk.js"
export { defineConfig, type SnakepitConfig } from "./config.js"
export {
  CallCancelled,
  type CallError,
  CallTimeout,
  CircuitOpen,
  InvalidConfig,
  InvalidParameter,
  NestingTooDeep,
  PoolClosed,
  PoolSaturated,
  QueueTimeout,
  RemoteError,
  SessionQuotaExceeded,
  SessionTainted,
  SessionWorkerUnavailable,
  type SnakepitError,
  StartFailed,
  ToolError,
  UnknownTool,
  WorkerBusy,
  WorkerCrashed,
} from "./errors/errors.js"
export {
  InvalidVariable,
  NoSession,
  ProgramQuotaExceeded,
  type SessionError,
  SessionExists,
  UnknownProgram,
  UnknownSession,
  UnknownVariable,
  VariableQuotaExceeded,
} from "./errors/session-errors.js"
export type { Stats, WorkerInfo } from "./inspection.js"
export type { InstanceConfig } from "./instance-config.js"
export type { Affinity } from "./pool/dispatch/bindings.js"
export type { Priority } from "./pool/dispatch/priority.js"
export type { PoolCounts, PoolStats } from "./pool/stats.js"
export type { PoolConfig } from "./pool-config.js"
export type { ErrorCode, LogLevel, Meta, WireError } from "./protocol/frame.js"
export type { RuntimeInfo } from "./protocol/handshake.js"
export type { Limits } from "./protocol/limits.js"
export type { ParameterSpec, ParameterType, ToolSpec } from "./protocol/tools.js"
export {
  type Dtype,
  dtypes,
  InvalidValue,
  Tensor,
  type TensorData,
  type ToolValue,
  ZonedDate,
} from "./protocol/values.js"
export type {
  BreakerConfig,
  CrashBarrierConfig,
  HeartbeatConfig,
  RecycleConfig,
  ReliabilityConfig,
  RestartConfig,
  RetryConfig,
} from "./reliability-config.js"
export type { HostToolContext } from "./runtime.js"
export type { Changes, Current, SessionBackend, Values } from "./session/backend.js"
export type {
  HostToolArgs,
  HostToolHandler,
  HostToolInfo,
  HostToolInput,
  HostToolOptions,
} from "./session/host-tool.js"
export type { SchemaIssue, SchemaOutput, SchemaResult, StandardSchema } from "./session/standard-schema.js"
export type {
  Choice,
  ExportedVariables,
  NumberRows,
  TensorInput,
  Variable,
  VariableChange,
  VariableConstraints,
  VariableInput,
  VariableKinds,
  VariableMap,
  VariableType,
  VariableValue,
} from "./session/variables/types.js"
export type {
  CreatedProgram,
  GlobalPrograms,
  Program,
  SessionPrograms,
  SessionVariables,
  VariableUpdates,
} from "./session-contents.js"
export {
  Session,
  type SessionStreamOptions,
} from "./session-handle.js"
export { Snakepit } from "./snakepit.js"
export type { Listener, SnakepitEvent } from "./telemetry/emitter.js"
export type { BreakerState, EventMap, EventName, LogRecord, PoolState } from "./telemetry/events.js"
export type { LoggerOption } from "./telemetry/logger.js"
export type { HostToolRegistry, SessionTools } from "./tool-registry.js"
export type { CloseReason, FrameChannel, Transport, WorkerIo } from "./transport/transport.js"
export type { PingTarget } from "./worker/heartbeat-policy.js"
