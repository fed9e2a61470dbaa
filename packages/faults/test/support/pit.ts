import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type PoolConfig, Snakepit, type SnakepitConfig } from "@snakepit/core"
import type { PythonOptions } from "@snakepit/python-bridge"
import { onTestFinished } from "vitest"
import { type TransportName, tools, transports } from "../../src/workers.js"

/** For `test.each`. */
export const everyTransport = ["json", "msgpack", "grpc"] as const
export const channelTransports = ["json", "msgpack"] as const

export interface PitOptions extends Partial<SnakepitConfig> {
  /** Default `json`. */
  readonly over?: TransportName
  readonly python?: PythonOptions
}

/** A configuration of one worker over JSON, silent, unless it says otherwise. */
export function config(adapter: string, pool: PoolConfig = {}, options: PitOptions = {}): SnakepitConfig {
  const { over = "json", python: pythonOptions, ...rest } = options
  return {
    adapter: rest.adapter ?? tools(adapter, pythonOptions),
    transports: [transports[over]()],
    logger: false,
    ...(rest.pools === undefined && { pool: { size: 1, ...pool } }),
    ...rest,
  }
}

/** Starts, and closes when the test is over. */
export async function start(...args: Parameters<typeof config>): Promise<Snakepit> {
  const pit = await Snakepit.start(config(...args))
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

/** A folder that is gone when the test is. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "snakepit-faults-"))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

/** The pids of the workers that are up. */
export function pids(pit: Snakepit): number[] {
  return pit.workers().flatMap(({ pid }) => (pid === null ? [] : [pid]))
}
