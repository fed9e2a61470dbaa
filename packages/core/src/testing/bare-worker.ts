import type { Duplex } from "node:stream"
import type { Adapter } from "../adapter/adapter.js"
import { launch } from "../process/launch.js"
import type { ExitInfo } from "../process/launched.js"
import { encodeWelcome, parseHello, type Welcome } from "../protocol/handshake.js"
import { defaultLimits, type Limits } from "../protocol/limits.js"
import { environmentFor, type FrameChannel, type Transport } from "../transport/transport.js"
import { readHelloLine } from "../worker/handshake.js"

/** A worker that was launched and has said its first line; nobody answered yet. */
export interface BareWorker {
  /** Its hello or error hello, without the newline. `undefined`: it closed the channel before. */
  readonly line: string | undefined
  /** The private channel, right behind that line. */
  readonly stream: Duplex
  readonly exited: Promise<ExitInfo>
  /** Kills the worker and its children now. Safe when it has ended. */
  kill(): void
  /**
   * Answers the hello and opens the transport. Whoever opens it speaks in frames, and is bound by no rule.
   * @throws {ProtocolViolation} when the first line was no hello.
   */
  open(transport: Transport, options?: OpenOptions): Promise<FrameChannel>
}

export interface OpenOptions {
  /** What the host's own end keeps to. Default: the defaults of the protocol. */
  readonly limits?: Limits
  /** What the worker is told instead of the defaults; unknown fields are sent, too. */
  readonly welcome?: Partial<Welcome> & { readonly [field: string]: unknown }
}

/**
 * Launches one worker without a pool, and shows the frames that pools hide: for tests of adapters, transports and
 * workers. A transport may be offered by its name alone.
 * Nothing ends the worker but `kill`, the end of its channel, and the end of this process.
 */
export async function launchWorker(
  adapter: Adapter,
  offer: readonly (Transport | string)[],
  signal: AbortSignal = AbortSignal.timeout(20_000),
): Promise<BareWorker> {
  const transports = offer.filter((each) => typeof each !== "string")
  const names = offer.map((each) => (typeof each === "string" ? each : each.name))
  const environment = environmentFor(transports, defaultLimits)
  const plan = await adapter.launch({
    workerId: "bare-1",
    pool: "bare",
    poolSize: 1,
    profile: "process",
    threads: 1,
    offer: names,
    signal,
  })
  const launched = await launch(plan, { offer: names, environment, signal, onOutput: () => {} })
  try {
    const line = await readHelloLine(launched.channel, signal)
    return {
      line,
      stream: launched.channel,
      exited: launched.exited,
      kill: () => launched.kill(),
      open: (transport, options = {}) => open(launched.channel, line, transport, options),
    }
  } catch (error) {
    launched.kill()
    throw error
  }
}

async function open(
  stream: Duplex,
  line: string | undefined,
  transport: Transport,
  options: OpenOptions,
): Promise<FrameChannel> {
  const { limits = defaultLimits } = options
  const first = parseHello(line ?? "")
  if (first.kind === "failed") throw new Error(`the worker could not start: ${first.error.message}`)
  const welcome = {
    workerId: "bare-1",
    runId: "bare",
    cancelGraceMs: 2000,
    logLevel: "debug" as const,
    limits,
    ...options.welcome,
  }
  stream.write(`${encodeWelcome(welcome)}\n`)
  return transport.open({ stream, hello: first.hello, limits, signal: new AbortController().signal })
}
