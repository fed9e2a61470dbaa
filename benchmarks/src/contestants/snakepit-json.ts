import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import type { Contestant, Session, Setup } from "../contestant.js"
import { helper } from "../python.js"

/** Snakepit's JSON transport with orjson in the worker. */
export const snakepitOrjson: Contestant = {
  name: "snakepit-orjson",
  open: (setup) => open(setup, "orjson"),
}

/** Snakepit's JSON transport with nothing but Python's standard library in the worker. */
export const snakepitStdlib: Contestant = {
  name: "snakepit-stdlib",
  open: (setup) => open(setup, "stdlib"),
}

/** The same contestants for a Python that has no orjson. */
export function withoutOrjson(contestants: readonly Contestant[]): readonly Contestant[] {
  return [...new Set(contestants.map((each) => (each === snakepitOrjson ? snakepitStdlib : each)))]
}

async function open(setup: Setup, codec: "orjson" | "stdlib"): Promise<Session> {
  const pit = await Snakepit.start({
    adapter: python({
      adapter: `${helper("bench_adapter.py")}:BenchAdapter`,
      python: setup.python,
      env: { SNAKEPIT_JSON: codec === "stdlib" ? "stdlib" : undefined },
    }),
    transports: [json()],
    pool: { size: setup.workers },
    logger: false,
  })
  if ((await pit.execute<boolean>("uses_orjson")) !== (codec === "orjson")) {
    await pit.close()
    throw new Error(`the worker does not use the JSON codec that is to be measured (${codec})`)
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
