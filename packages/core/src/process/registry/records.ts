import { formatVersion, type HostIdentity } from "./identity.js"
import { isNonce } from "./nonce.js"

/** The first line of a file: whose it is. */
export interface Header extends HostIdentity {
  readonly name: string
  /** Of name and token. */
  readonly key: string
}

/** A process that was announced and has not ended, as far as its host has written down. */
export interface Entry {
  readonly id: number
  /** What it has as `SNAKEPIT_NONCE` in its environment; processes forked from one another share it. */
  readonly nonce: string
  /** Unknown until it runs. */
  readonly pid?: number
  readonly startTime?: string
}

export type EntryChange = Entry | { readonly id: number; readonly ended: true }

export interface Contents {
  /** `undefined`: the first line is damaged. */
  readonly header: Header | undefined
  readonly entries: readonly Entry[]
  readonly damagedLines: number
}

export function headerLine(header: Header): string {
  return `${JSON.stringify({ registry: formatVersion, ...header })}\n`
}

export function changeLine(change: EntryChange): string {
  return `${JSON.stringify(change)}\n`
}

/** Reads what is left of a file, however damaged. */
export function parseContents(text: string): Contents {
  const [first = "", ...lines] = text.split("\n")
  const entries = new Map<number, Entry>()
  let damagedLines = 0
  for (const line of lines) {
    if (line === "") continue
    const change = parseObject(line)
    if (isEnd(change)) entries.delete(change.id)
    else if (isEntry(change)) entries.set(change.id, change)
    else damagedLines += 1
  }
  return { header: parseHeader(first), entries: [...entries.values()], damagedLines }
}

function parseHeader(line: string): Header | undefined {
  const found = parseObject(line)
  if (found?.registry !== formatVersion || !isNumber(found.pid)) return undefined
  const { name, key, boot, namespace, pid, startTime } = found
  if (!isText(name) || !isText(key) || !isText(boot) || !isText(namespace) || !isText(startTime))
    return undefined
  return { name, key, boot, namespace, pid, startTime }
}

type Fields = { readonly [Key in keyof (Header & Entry) | "ended" | "registry"]?: unknown }

function parseObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === "object" && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function isEnd(change: Fields | undefined): change is { readonly id: number; readonly ended: true } {
  return isNumber(change?.id) && change?.ended === true
}

function isEntry(change: Fields | undefined): change is Entry {
  if (!isNumber(change?.id) || !isNonce(change?.nonce)) return false
  if (change?.pid === undefined) return true
  // Lower numbers would mean groups and everybody to `kill`.
  return isNumber(change.pid) && change.pid > 1 && isText(change.startTime)
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function isText(value: unknown): value is string {
  return typeof value === "string"
}
