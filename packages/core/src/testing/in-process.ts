import type { Duplex } from "node:stream"
import type { Adapter } from "../adapter/adapter.js"
import { InvalidConfig } from "../errors/errors.js"
import {
  encodeFailure,
  encodeHello,
  parseWelcome,
  type SkippedTransport,
  type Welcome,
} from "../protocol/handshake.js"
import { readHelloLine } from "../worker/handshake.js"
import { MemoryLink, memoryName } from "./memory.js"
import { ToolServer } from "./tool-server.js"
import { type ServedTool, serveable, type ToolDefinition, type ToolFunction } from "./tools.js"

export interface InProcessOptions {
  /** What the worker serves, by name. */
  readonly tools: { readonly [name: string]: ToolFunction | ToolDefinition }
  /** The adapter's name, for messages. Default `in-process`. */
  readonly name?: string
  /** Calls that one worker runs at a time. Default 1, as a Python worker. */
  readonly concurrency?: number
}

/**
 * An adapter whose workers live in this process and serve TypeScript functions: for tests of code that calls tools,
 * without Python. It speaks the same protocol, over the transport `memory()`.
 *
 * ```ts
 * const pit = await Snakepit.start({
 *   adapter: inProcess({ tools: { add: ({ a, b }: { a: number; b: number }) => a + b } }),
 *   transports: [memory()],
 *   pool: { size: 1 },
 * })
 * ```
 *
 * @throws {InvalidConfig} for a name that no tool may have, or a concurrency that is not a positive integer.
 */
export function inProcess(options: InProcessOptions): Adapter {
  const { name = "in-process", concurrency = 1 } = options
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
    const message = `inProcess: concurrency must be a positive integer, not ${concurrency}`
    throw new InvalidConfig({ message, key: "concurrency" })
  }
  const tools = serveable(options.tools)
  return {
    name,
    launch: () => ({
      kind: "in-process",
      start: (channel, offer) => void start(channel, offer, tools, concurrency),
    }),
  }
}

async function start(
  channel: Duplex,
  offer: readonly string[],
  tools: ReadonlyMap<string, ServedTool>,
  concurrency: number,
): Promise<void> {
  const skipped = passedOver(offer)
  if (!offer.includes(memoryName)) return refuse(channel, skipped)
  const link = new MemoryLink()
  channel.once("close", () => link.forget())
  try {
    channel.write(`${hello(link.address, tools, concurrency, skipped)}\n`)
    const welcome = await readWelcome(channel)
    if (welcome === undefined) return void channel.destroy()
    const crash = (error: Error): void => void channel.destroy(error)
    new ToolServer(link.workerEnd(channel, welcome.limits), { tools, concurrency, welcome, crash })
  } catch (error) {
    channel.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** The offered transports before `memory`, none of which reaches into this process. */
function passedOver(offer: readonly string[]): readonly SkippedTransport[] {
  const end = offer.indexOf(memoryName)
  const better = end < 0 ? offer : offer.slice(0, end)
  return better.map((transport) => ({ transport, reason: "the worker lives inside the host's process" }))
}

function refuse(channel: Duplex, skipped: readonly SkippedTransport[]): void {
  const message = "a worker inside this process needs the transport memory() of @snakepit/core/testing"
  channel.end(`${encodeFailure({ code: "unavailable", type: "NoTransport", message }, skipped)}\n`)
}

function hello(
  address: string,
  tools: ReadonlyMap<string, ServedTool>,
  concurrency: number,
  skipped: readonly SkippedTransport[],
): string {
  return encodeHello({
    transport: memoryName,
    address,
    token: null,
    pid: null,
    runtime: { name: "node", version: process.versions.node },
    bridge: null,
    features: new Set(["stream", "cancel", "host-call", "attachments", "sessions"]),
    concurrency,
    tools: [...tools.values()].map(({ spec }) => spec),
    skipped,
  })
}

/** `undefined`: the host went away instead. */
async function readWelcome(channel: Duplex): Promise<Welcome | undefined> {
  const line = await readHelloLine(channel, new AbortController().signal)
  return line === undefined ? undefined : parseWelcome(line)
}
