import {
  count,
  type Fields,
  finite,
  flag,
  id,
  integer,
  list,
  map,
  oneOf,
  optional,
  required,
  text,
} from "./fields.js"
import type { LogLevel, WireError } from "./frame.js"
import { wireError } from "./frame-decode.js"
import { JsonDecoder } from "./json-decode.js"
import { JsonEncoder } from "./json-encode.js"
import { readLine } from "./json-line.js"
import { defaultLimits, type Limits, maxHelloBytes } from "./limits.js"
import { readTools, writeTools } from "./tool-specs.js"
import type { ToolSpec } from "./tools.js"
import { ProtocolVersionMismatch, ProtocolViolation, show } from "./violation.js"

export { ProtocolVersionMismatch } from "./violation.js"

/** The version this library speaks (PROTOCOL.md, HS-5). */
export const protocolVersion = 1

export type Feature = "stream" | "cancel" | "host-call" | "attachments" | "sessions"

export interface RuntimeInfo {
  readonly name: string
  readonly version: string
  readonly freeThreaded?: boolean
}

export interface SkippedTransport {
  readonly transport: string
  readonly reason: string
}

/** A file in the memory of a worker that others can open, through `/proc`. */
export interface MemoryFile {
  readonly fd: number
  /** What the file begins with, so that it is not taken for another: 32 hexadecimal digits. */
  readonly nonce: string
}

/** One that shows whether the peer can open what a process has (PROTOCOL.md, SM-1). */
export interface Probe extends MemoryFile {
  readonly pid: number
}

/** What a worker says first. */
export interface Hello {
  readonly transport: string
  /** Where the transport runs, when not on the private channel. */
  readonly address: string | null
  /** What lets the host in there, once. */
  readonly token: string | null
  readonly pid: number | null
  readonly runtime: RuntimeInfo | null
  readonly bridge: string | null
  readonly features: ReadonlySet<string>
  readonly concurrency: number
  /** `null`: the worker does not declare its tools, so any name may be called. */
  readonly tools: readonly ToolSpec[] | null
  readonly skipped: readonly SkippedTransport[]
  /** Where its answers stand before they are written (PROTOCOL.md, JO-1). */
  readonly journal?: MemoryFile
  /** Its probe for shared memory, where it offers that. */
  readonly sharedMemory?: Probe | undefined
}

/** What the host answers. */
export interface Welcome {
  readonly workerId: string
  readonly runId: string
  readonly cancelGraceMs: number
  readonly logLevel: LogLevel
  readonly limits: Limits
  /** The host can read the worker's journal. */
  readonly journal?: boolean
  /** The host's probe for shared memory, where it could read the worker's. */
  readonly sharedMemory?: Probe | undefined
}

/** How the first line of a worker can turn out. */
export type HelloLine =
  | { readonly kind: "hello"; readonly hello: Hello }
  | { readonly kind: "failed"; readonly error: WireError; readonly skipped: readonly SkippedTransport[] }

/** A hello holds no attachments: the limits of frames are not agreed yet. */
const decoder = (): JsonDecoder => new JsonDecoder([], defaultLimits.maxDepth)

/**
 * Reads the first line of a worker, without its newline. Fields that are missing have the defaults of PROTOCOL.md.
 * @throws {ProtocolVersionMismatch} when the worker speaks another version.
 * @throws {ProtocolViolation} when the line is neither a hello nor an error hello.
 */
export function parseHello(line: string): HelloLine {
  const fields = parseLine("hello", line)
  if (fields.error === undefined || fields.error === null) return { kind: "hello", hello: readHello(fields) }
  return { kind: "failed", error: wireError(fields, decoder()), skipped: readSkipped(fields) }
}

/** The line, without its newline, with which a worker introduces itself. */
export function encodeHello(hello: Hello): string {
  const values = new JsonEncoder({ limits: defaultLimits, attachments: false })
  const tools = hello.tools === null ? null : writeTools(hello.tools, values)
  const line = JSON.stringify({ snakepit: protocolVersion, ...hello, features: [...hello.features], tools })
  const size = Buffer.byteLength(line)
  if (size > maxHelloBytes) throw new RangeError(`A hello of ${size} bytes; the limit is ${maxHelloBytes}`)
  return line
}

/** The line, without its newline, that a worker sends in place of its hello when it cannot start. */
export function encodeFailure(error: WireError, skipped: readonly SkippedTransport[] = []): string {
  return JSON.stringify({ snakepit: protocolVersion, error, skipped })
}

/** The line, without its newline, with which the host answers a hello. */
export function encodeWelcome(welcome: Welcome): string {
  // JSON has no Infinity.
  const cancelGraceMs = Math.min(welcome.cancelGraceMs, Number.MAX_SAFE_INTEGER)
  return JSON.stringify({ snakepit: protocolVersion, ...welcome, cancelGraceMs })
}

/**
 * Reads the host's answer to a hello, without its newline.
 * @throws {ProtocolVersionMismatch} when the host speaks another version.
 * @throws {ProtocolViolation} when it is no welcome.
 */
export function parseWelcome(line: string): Welcome {
  const fields = parseLine("welcome", line)
  const limits = required("welcome", fields, "limits", map)
  return {
    workerId: required("welcome", fields, "workerId", text),
    runId: required("welcome", fields, "runId", text),
    cancelGraceMs: required("welcome", fields, "cancelGraceMs", finite),
    logLevel: required("welcome", fields, "logLevel", oneOf(["debug", "info", "warn", "error"])),
    limits: {
      maxFrameBytes: required("limits", limits, "maxFrameBytes", count),
      maxAttachmentBytes: required("limits", limits, "maxAttachmentBytes", count),
      maxDepth: required("limits", limits, "maxDepth", count),
      maxInFlight: required("limits", limits, "maxInFlight", count),
    },
    ...readProbe("welcome", fields),
  }
}

function parseLine(what: string, line: string): Fields {
  const size = Buffer.byteLength(line)
  if (size > maxHelloBytes)
    throw new ProtocolViolation(`${what} of ${size} bytes; the limit is ${maxHelloBytes}`)
  const { fields } = readLine(line, defaultLimits)
  const version = required(what, fields, "snakepit", integer)
  if (version !== protocolVersion) throw new ProtocolVersionMismatch(protocolVersion, version)
  return fields
}

function readHello(fields: Fields): Hello {
  const tools = optional("hello", fields, "tools", list)
  const features = optional("hello", fields, "features", list) ?? []
  return {
    transport: required("hello", fields, "transport", text),
    address: optional("hello", fields, "address", text) ?? null,
    token: optional("hello", fields, "token", text) ?? null,
    pid: optional("hello", fields, "pid", id) ?? null,
    runtime: readRuntime(fields),
    bridge: optional("hello", fields, "bridge", text) ?? null,
    features: new Set(features.filter(text.is)),
    concurrency: optional("hello", fields, "concurrency", id) ?? 1,
    tools: tools === undefined ? null : readTools(tools, decoder()),
    skipped: readSkipped(fields),
    ...readJournal(fields),
    ...readProbe("hello", fields),
  }
}

function readProbe(owner: string, fields: Fields): { readonly sharedMemory?: Probe } {
  const probe = optional(owner, fields, "sharedMemory", map)
  if (probe === undefined) return {}
  const pid = required("sharedMemory", probe, "pid", id)
  return { sharedMemory: { pid, ...readMemoryFile("sharedMemory", probe) } }
}

function readJournal(fields: Fields): { readonly journal?: MemoryFile } {
  const journal = optional("hello", fields, "journal", map)
  return journal === undefined ? {} : { journal: readMemoryFile("journal", journal) }
}

function readMemoryFile(owner: string, file: Fields): MemoryFile {
  return { fd: required(owner, file, "fd", count), nonce: required(owner, file, "nonce", text) }
}

function readRuntime(fields: Fields): RuntimeInfo | null {
  const runtime = optional("hello", fields, "runtime", map)
  if (runtime === undefined) return null
  const name = required("runtime", runtime, "name", text)
  const version = required("runtime", runtime, "version", text)
  const freeThreaded = optional("runtime", runtime, "freeThreaded", flag)
  return freeThreaded === undefined ? { name, version } : { name, version, freeThreaded }
}

function readSkipped(fields: Fields): readonly SkippedTransport[] {
  const skipped = optional("hello", fields, "skipped", list) ?? []
  return skipped.map((entry) => {
    if (!map.is(entry)) throw new ProtocolViolation(`hello.skipped must hold maps; one is ${show(entry)}`)
    return {
      transport: required("skipped", entry, "transport", text),
      reason: required("skipped", entry, "reason", text),
    }
  })
}
