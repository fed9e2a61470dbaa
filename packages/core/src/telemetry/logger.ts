import type { LogLevel } from "../protocol/frame.js"
import type { LogRecord } from "./events.js"

/** Where log records go: `false` for nowhere, a level for stderr from that level up, or a function of your own. */
export type LoggerOption = false | LogLevel | ((record: LogRecord) => void)

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === "string" && Object.hasOwn(rank, value)
}

/** The lowest level that anybody may want: listeners of `snakepit.log` hear from `info` up also without a logger. */
export function lowestLevel(option: LoggerOption): LogLevel {
  if (option === false) return "info"
  return typeof option === "string" ? option : "debug"
}

/** Turns the option into a sink. Lines go to stderr: stdout belongs to the program. */
export function makeLogger(option: LoggerOption): (record: LogRecord) => void {
  if (option === false) return () => {}
  if (typeof option === "function") return (record) => passOn(option, record)
  return (record) => {
    if (rank[record.level] >= rank[option]) process.stderr.write(`${formatRecord(record)}\n`)
  }
}

/** What the program's own function throws is an uncaught error of its own; frames are read on. */
function passOn(logger: (record: LogRecord) => void, record: LogRecord): void {
  try {
    logger(record)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}

export function formatRecord(record: LogRecord): string {
  const origin = record.workerId ?? record.pool ?? "snakepit"
  const tool = record.tool === undefined ? "" : ` ${record.tool}`
  const logger = record.logger === undefined ? "" : ` ${record.logger}:`
  // No further line of a message can pose as a record.
  const message = record.message.replaceAll("\n", "\n    ")
  return `[${origin}${tool}] ${record.level}${logger} ${message}`
}
