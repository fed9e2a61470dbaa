import { type PoolConfig, Snakepit } from "@snakepit/core"
import type { Transport } from "@snakepit/core/transport"
import { python } from "@snakepit/python-bridge"
import { sharedMemory } from "@snakepit/shared-memory"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import type { Contestant, Session, Setup } from "../contestant.js"
import { helper } from "../python.js"
import { type Calls, plainCalls } from "./calls.js"

/** One transport of Snakepit, and what shows that the worker does what is to be measured. */
interface Variant {
  readonly transport: () => Transport
  /** Python modules that the worker must have loaded; msgpack's compiled part: without it that falls back to Python. */
  readonly modules: readonly string[]
  /** Those that it must not. Others may be there: a fork server has what any of its workers could need. */
  readonly without?: readonly string[]
  readonly env?: Record<string, string>
  /** Whether host and worker must share memory. Default false. */
  readonly shared?: boolean
}

/** Snakepit over one transport, for more than a contestant can be asked to do. */
export interface SnakepitContestant extends Contestant {
  readonly instead?: SnakepitContestant
  /** A pool whose workers serve the tools of `bench_adapter.py`. @param pool what is not by default */
  start(setup: Setup, pool?: PoolConfig): Promise<Snakepit>
}

/** The JSON transport with nothing but Python's standard library in the worker. */
export const snakepitStdlib = contestant("snakepit-stdlib", {
  transport: json,
  modules: [],
  without: ["orjson"],
  env: { SNAKEPIT_JSON: "stdlib" },
})

/** The JSON transport with orjson in the worker. */
export const snakepitJson: SnakepitContestant = {
  ...contestant("snakepit-json", { transport: json, modules: ["orjson"] }),
  needs: ["orjson"],
  instead: snakepitStdlib,
}

export const snakepitMsgpack: SnakepitContestant = {
  ...contestant("snakepit-msgpack", { transport: msgpack, modules: ["msgpack._cmsgpack"] }),
  needs: ["msgpack"],
}

/** The gRPC transport, whose messages hold JSON, with orjson in the worker. */
export const snakepitGrpc: SnakepitContestant = {
  ...contestant("snakepit-grpc", { transport: grpc, modules: ["grpc", "orjson"] }),
  needs: ["grpcio", "protobuf", "orjson"],
}

/** The JSON transport, which hands large data over in shared memory. */
export const snakepitShared: SnakepitContestant = {
  ...contestant("snakepit-shared", {
    transport: () => json({ sharedMemory: sharedMemory() }),
    modules: ["orjson"],
    shared: true,
  }),
  needs: ["orjson"],
}

function contestant(name: string, variant: Variant): SnakepitContestant {
  const start = (setup: Setup, pool?: PoolConfig) => startPit(setup, variant, pool)
  return { name, start, open: async (setup) => sessionOf(await start(setup), setup, plainCalls) }
}

/** The same contestant, which makes its calls in another way. @param more another name; further Python packages */
export function calling(
  contestant: SnakepitContestant,
  calls: (pit: Snakepit) => Calls,
  { name = contestant.name, needs = [] }: Partial<Pick<Contestant, "name" | "needs">> = {},
): Contestant {
  return {
    name,
    needs: [...(contestant.needs ?? []), ...needs],
    open: async (setup) => sessionOf(await contestant.start(setup), setup, calls),
  }
}

async function startPit(setup: Setup, variant: Variant, pool?: PoolConfig): Promise<Snakepit> {
  const pit = await Snakepit.start({
    adapter: python({
      adapter: `${helper("bench_adapter.py")}:BenchAdapter`,
      python: setup.python,
      env: { SNAKEPIT_JSON: undefined, ...variant.env },
    }),
    transports: [variant.transport()],
    pool: { ...pool, size: setup.workers },
    logger: false,
  })
  try {
    await check(pit, variant)
  } catch (error) {
    await pit.close()
    throw error
  }
  return pit
}

function sessionOf(pit: Snakepit, setup: Setup, calls: (pit: Snakepit) => Calls): Session {
  return {
    ...calls(pit),
    // As many at once as there are workers: an idle worker is always preferred to a busy one.
    pids: () => Promise.all(Array.from({ length: setup.workers }, () => pit.execute<number>("pid"))),
    close: () => pit.close(),
  }
}

/** @throws Error when a worker uses another transport or codec than the one to be measured. */
async function check(pit: Snakepit, variant: Variant): Promise<void> {
  const { transport, modules, without = [], shared = false } = variant
  const wanted = transport().name
  const other = pit.workers().find((worker) => worker.transport !== wanted)
  if (other !== undefined) throw new Error(`${other.id} uses ${other.transport} and not ${wanted}`)
  for (const module of [...modules, ...without]) {
    const loaded = await pit.execute<boolean>("has_loaded", { module })
    if (loaded !== modules.includes(module))
      throw new Error(`the worker has ${loaded ? "" : "not "}loaded ${module}`)
  }
  const apart = pit.workers().find((worker) => worker.sharedMemory !== shared)
  if (apart !== undefined) throw new Error(`${apart.id} does ${shared ? "not " : ""}share memory`)
}
