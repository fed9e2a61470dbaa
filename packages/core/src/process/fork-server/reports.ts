import type { ExitInfo } from "../launched.js"

/** What a fork server says: first its hello, then what becomes of requests and of the processes it has forked. */
export type Report =
  | { readonly type: "hello" }
  | { readonly type: "refusal"; readonly code: string; readonly message: string }
  | { readonly type: "forked"; readonly id: number; readonly pid: number }
  | { readonly type: "failed"; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: "exit"; readonly id: number; readonly exit: ExitInfo }

/** @returns `undefined` for what this version does not know. @throws {Error} when the line is no report. */
export function parseReport(line: string): Report | undefined {
  const fields = record(JSON.parse(line))
  if ("snakepit" in fields) return parseHello(fields)
  const id = Number(fields.id)
  switch (fields.type) {
    case "forked":
      return { type: "forked", id, pid: positive(fields.pid) }
    case "failed": {
      const { code, message } = record(fields.error)
      return { type: "failed", id, code: String(code), message: String(message) }
    }
    case "exit":
      return { type: "exit", id, exit: exitOf(fields) }
    default:
      return undefined
  }
}

function parseHello({ snakepit, error }: Fields): Report {
  if (error !== undefined) {
    const { code, type, message, traceback } = record(error)
    const text = [`${type}: ${message}`, ...(typeof traceback === "string" ? ["", traceback.trimEnd()] : [])]
    return { type: "refusal", code: String(code), message: text.join("\n") }
  }
  if (snakepit === 1) return { type: "hello" }
  const message = `it speaks version ${String(snakepit)} of the protocol, this host version 1`
  return { type: "refusal", code: "internal", message }
}

function exitOf({ code, signal }: Fields): ExitInfo {
  if (typeof signal === "string") return { code: null, signal: signal as NodeJS.Signals }
  return { code: typeof code === "number" ? code : null, signal: null }
}

interface Fields {
  readonly [name: string]: unknown
}

function record(value: unknown): Fields {
  if (typeof value === "object" && value !== null) return { ...value }
  throw new Error("this is no object")
}

/** A number that is signalled must not be one that means a group, or everybody. */
function positive(pid: unknown): number {
  if (Number.isSafeInteger(pid) && Number(pid) > 1) return Number(pid)
  throw new Error(`${String(pid)} is no process id`)
}
