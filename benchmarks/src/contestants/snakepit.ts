import { Snakepit } from "@snakepit/core"
import type { Transport } from "@snakepit/core/transport"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import type { Contestant, Session, Setup } from "../contestant.js"
import { helper } from "../python.js"

/** Python modules that decide how fast a worker is. msgpack's compiled part: without it the package falls back to Python. */
const codecs = ["orjson", "msgpack._cmsgpack", "grpc"]

/** One transport of Snakepit, and what shows that the worker does what is to be measured. */
interface Variant {
  readonly transport: () => Transport
  /** Which of `codecs` the worker must have loaded; the others it must not. */
  readonly modules: readonly string[]
  readonly env?: Record<string, string>
}

/** The JSON transport with nothing but Python's standard library in the worker. */
export const snakepitStdlib = contestant("snakepit-stdlib", {
  transport: json,
  modules: [],
  env: { SNAKEPIT_JSON: "stdlib" },
})

/** The JSON transport with orjson in the worker. */
export const snakepitJson: Contestant = {
  ...contestant("snakepit-json", { transport: json, modules: ["orjson"] }),
  needs: ["orjson"],
  instead: snakepitStdlib,
}

export const snakepitMsgpack: Contestant = {
  ...contestant("snakepit-msgpack", { transport: msgpack, modules: ["msgpack._cmsgpack"] }),
  needs: ["msgpack"],
}

/** The gRPC transport, whose messages hold JSON, with orjson in the worker. */
export const snakepitGrpc: Contestant = {
  ...contestant("snakepit-grpc", { transport: grpc, modules: ["grpc", "orjson"] }),
  needs: ["grpcio", "protobuf", "orjson"],
}

function contestant(name: string, variant: Variant): Contestant {
  return { name, open: (setup) => open(setup, variant) }
}

async function open(setup: Setup, variant: Variant): Promise<Session> {
  const pit = await Snakepit.start({
    adapter: python({
      adapter: `${helper("bench_adapter.py")}:BenchAdapter`,
      python: setup.python,
      env: { SNAKEPIT_JSON: undefined, ...variant.env },
    }),
    transports: [variant.transport()],
    pool: { size: setup.workers },
    logger: false,
  })
  try {
    await check(pit, variant)
  } catch (error) {
    await pit.close()
    throw error
  }
  return {
    echo: (value) => pit.execute<number>("echo", { value }),
    echoBytes: (data) => pit.execute<Uint8Array>("echo", { value: data }),
    count: async (n, onItem) => {
      for await (const chunk of pit.stream<number>("count", { n })) {
        if (!chunk.isFinal) onItem(chunk.data)
      }
    },
    // As many at once as there are workers: an idle worker is always preferred to a busy one.
    pids: () => Promise.all(Array.from({ length: setup.workers }, () => pit.execute<number>("pid"))),
    close: () => pit.close(),
  }
}

/** @throws Error when a worker uses another transport or codec than the one to be measured. */
async function check(pit: Snakepit, { transport, modules }: Variant): Promise<void> {
  const wanted = transport().name
  const other = pit.workers().find((worker) => worker.transport !== wanted)
  if (other !== undefined) throw new Error(`${other.id} uses ${other.transport} and not ${wanted}`)
  for (const module of codecs) {
    const loaded = await pit.execute<boolean>("has_loaded", { module })
    if (loaded !== modules.includes(module))
      throw new Error(`the worker has ${loaded ? "" : "not "}loaded ${module}`)
  }
}
