import type { ByteChannelOptions } from "@snakepit/core/transport"

/** How often a silent peer is asked whether it is there. */
export interface Keepalive {
  /** Milliseconds without traffic until it is asked. */
  readonly interval: number
  /** Milliseconds that its answer may take; the connection is closed then. */
  readonly timeout: number
}

export interface GrpcOptions extends ByteChannelOptions {
  /** What workers listen on: a unix socket that only this user can reach, or a port of 127.0.0.1. Default `"unix"`, on Windows and where `port` is given `"tcp"`. */
  readonly listen?: "unix" | "tcp" | undefined
  /** The first port that a worker tries. Default 0: the system chooses one. */
  readonly port?: number | undefined
  /** How many ports a worker tries, one after the other, until it finds a free one. Default 1. */
  readonly portRange?: number | undefined
  /** Milliseconds until a worker that said hello must have let the host in. Default 5,000. */
  readonly connectTimeout?: number | undefined
  /** Bytes of the largest gRPC message that either side accepts, 1 MiB or more; values may be larger. Default 4 MiB. */
  readonly maxMessageBytes?: number | undefined
  /** Default `false`: between processes of one machine the end of a connection is always seen. */
  readonly keepalive?: Keepalive | false | undefined
}

/** Options that were checked, with their defaults. */
export interface Settings {
  readonly connectTimeout: number
  readonly maxMessageBytes: number
  readonly keepalive: Keepalive | undefined
  /** What a worker must know before it says hello. */
  readonly forWorker: string
}

const mebibyte = 1024 * 1024
const longestMs = 2 ** 31 - 1

/** @throws {RangeError} that names the option which cannot be used, and says why. */
export function settingsOf(options: GrpcOptions, platform: NodeJS.Platform = process.platform): Settings {
  const { connectTimeout = 5000, maxMessageBytes = 4 * mebibyte } = options
  const place = placeOf(options, platform)
  checkInteger("connectTimeout", connectTimeout, 1, longestMs)
  checkInteger("maxMessageBytes", maxMessageBytes, mebibyte, longestMs)
  const keepalive = keepaliveOf(options)
  const forWorker = JSON.stringify({ ...place, maxMessageBytes, keepalive })
  return { connectTimeout, maxMessageBytes, keepalive, forWorker }
}

function placeOf({ listen, port, portRange }: GrpcOptions, platform: NodeJS.Platform) {
  const chosen = listen ?? (platform === "win32" || port !== undefined ? "tcp" : "unix")
  if (chosen !== "unix" && chosen !== "tcp") refuse("listen", `must be "unix" or "tcp", not ${show(chosen)}`)
  if (chosen === "unix") {
    if (platform === "win32") refuse("listen", `cannot be "unix" on Windows`)
    if (port !== undefined) refuse("port", `is of no use with listen: "unix"`)
    if (portRange !== undefined) refuse("portRange", "is of no use without a port")
    return { listen: chosen }
  }
  const first = port ?? 0
  checkInteger("port", first, 0, 65_535)
  if (first === 0 && portRange !== undefined) refuse("portRange", "is of no use without a port")
  const count = portRange ?? 1
  checkInteger("portRange", count, 1, 65_536 - first)
  return { listen: chosen, port: first, portRange: count }
}

function keepaliveOf({ keepalive = false }: GrpcOptions): Keepalive | undefined {
  if (keepalive === false) return undefined
  if (typeof keepalive !== "object" || keepalive === null)
    refuse("keepalive", `must be { interval, timeout } or false, not ${show(keepalive)}`)
  const { interval, timeout } = keepalive
  checkInteger("keepalive.interval", interval, 1, longestMs)
  checkInteger("keepalive.timeout", timeout, 1, longestMs)
  return { interval, timeout }
}

function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    refuse(name, `must be an integer from ${least} to ${most}, not ${show(value)}`)
}

function refuse(name: string, why: string): never {
  throw new RangeError(`grpc: ${name} ${why}`)
}

function show(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}
