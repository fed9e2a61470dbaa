import { Snakepit } from "@snakepit/core"
import { python as pythonAdapter } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import type { Contestant, Setup } from "../contestant.js"
import { proportionalMemory } from "../memory.js"
import { helper } from "../python.js"
import { expectSame, type Measurement, type Scenario } from "../scenario.js"

type Launch = "fork" | "spawn"

/** Many workers with NumPy, forked or spawned: from the first one, until all of them have answered. */
export function crowd(workers: number): Scenario {
  return {
    name: `crowd-${workers}`,
    title: `${workers} workers with NumPy, from the first one until every other one answered`,
    metrics: [
      { name: "time", unit: "ms", better: "lower" },
      { name: "memory", unit: "MiB", better: "lower" },
    ],
    contestants: [contestant("fork"), contestant("spawn")],
    prepare: async (contestant, python) => ({
      close: async () => {},
      measure: () => measure({ python, workers }, contestant.name === nameOf("fork") ? "fork" : "spawn"),
    }),
  }
}

const nameOf = (launch: Launch): string => `snakepit-${launch}`

/** Only its name and its needs are used here. */
function contestant(launch: Launch): Contestant {
  const open = (): Promise<never> => Promise.reject(new Error("it takes part in no other scenario"))
  return { name: nameOf(launch), needs: ["numpy"], open }
}

async function measure({ python, workers }: Setup, launch: Launch): Promise<Measurement> {
  const adapter = pythonAdapter({
    adapter: `${helper("crowd_adapter.py")}:CrowdAdapter`,
    python,
    launch,
    ...(launch === "fork" && { preload: ["numpy"] }),
  })
  const pool = { size: workers, queueTimeout: "1 minute", startTimeout: "1 minute" } as const
  await using pit = await Snakepit.start({
    adapter,
    transports: [json()],
    pool,
    logger: false,
    waitFor: "first",
  })
  const start = performance.now()
  await pit.ready()
  const answers = await Promise.all(Array.from({ length: workers }, () => pit.execute<number>("total")))
  const time = performance.now() - start
  for (const answer of answers) expectSame(answer, 45)
  const memory = proportionalMemory(pit.workers().flatMap(({ pid }) => (pid === null ? [] : [pid])))
  return { time, ...(memory !== undefined && { memory }) }
}
