import { type LogRecord, Snakepit, type SnakepitConfig } from "@snakepit/core"
import { type BareWorker, launchWorker, type OpenOptions } from "@snakepit/core/testing"
import { parseHello, type Transport } from "@snakepit/core/transport"
import { afterAll, afterEach, beforeAll, expect, onTestFinished } from "vitest"
import { Peer } from "./peer.js"
import type { Target } from "./target.js"

/** What a test of a suite has at hand. */
export interface World {
  readonly target: Target
  /** The target's transport, to be wrapped or asked its name. */
  readonly transport: Transport
  /** A pool of one worker that all tests of a target share, so that what one leaves behind harms the next. */
  readonly pit: Snakepit
  /** A pool of one worker for one test. */
  start(config?: Partial<SnakepitConfig>): Promise<Snakepit>
  /** A worker that was launched for one test, offered this transport. */
  launch(offer?: readonly (Transport | string)[]): Promise<BareWorker>
  /** The same, with its transport open. */
  peer(options?: OpenOptions): Promise<Peer>
}

/** Tests of one part of the protocol. */
export interface Suite {
  /** What the smallest worker must be able to do, too. */
  basic?(world: World): void
  full?(world: World): void
}

/** Prepares the shared pool; to be called inside of `describe`. */
export function makeWorld(target: Target): World {
  const transport = target.transport()
  const config: SnakepitConfig = {
    adapter: target.adapter,
    transports: [transport],
    pool: { size: 1, ...target.pool },
    logger: ignore,
  }
  let shared: Snakepit | undefined
  beforeAll(async () => {
    shared = await Snakepit.start(config)
  })
  afterAll(() => shared?.close({ grace: 0 }))
  // Every test sees to it that it ran over what it should, and that the shared worker survived it.
  afterEach(() => {
    expect(shared?.workers()).toMatchObject([{ id: "default-1", transport: transport.name }])
  })
  return {
    target,
    transport,
    get pit(): Snakepit {
      if (shared === undefined) throw new Error("the shared pool is not up")
      return shared
    },
    async start(more = {}) {
      const pit = await Snakepit.start({ ...config, ...more })
      onTestFinished(() => pit.close({ grace: 0 }))
      for (const worker of pit.workers()) expect(worker.transport).toBe(transport.name)
      return pit
    },
    launch: (offer = [transport]) => launch(target, offer),
    async peer(options) {
      const worker = await launch(target, [transport])
      const address = target.address === undefined ? null : expect.stringMatching(target.address)
      expect(parseHello(worker.line ?? "")).toMatchObject({ hello: { transport: transport.name, address } })
      return new Peer(await worker.open(transport, options), worker.exited)
    },
  }
}

async function launch(target: Target, offer: readonly (Transport | string)[]): Promise<BareWorker> {
  const worker = await launchWorker(target.adapter, offer)
  onTestFinished(async () => {
    worker.kill()
    await worker.exited
  })
  return worker
}

/** Any function makes workers send records of all levels. */
function ignore(_record: LogRecord): void {}
