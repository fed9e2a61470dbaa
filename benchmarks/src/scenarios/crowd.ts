import { Snakepit } from "@snakepit/core"
import { python as pythonAdapter } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import type { Setup } from "../contestant.js"
import { proportionalMemory } from "../memory.js"
import { helper } from "../python.js"
import { expectSame, type Measurement, type Scenario } from "../scenario.js"
import { type Way, ways } from "./ways.js"

type Launch = "fork" | "spawn"

/** Many workers with NumPy, forked or spawned: from the first one, until all of them have answered. */
export function crowd(workers: number, launches: readonly Launch[]): Scenario {
  const way = (launch: Launch): readonly [string, Way] => [
    `snakepit-${launch}`,
    async (python) => ({ close: async () => {}, measure: () => measure({ python, workers }, launch) }),
  ]
  return {
    name: `crowd-${workers}`,
    title: `${workers} workers with NumPy, from the first one until every other one answered`,
    metrics: [
      { name: "time", unit: "ms", better: "lower" },
      { name: "memory", unit: "MiB", better: "lower" },
    ],
    reference: "snakepit-spawn",
    rounds: 5,
    cold: true,
    ...ways(Object.fromEntries(launches.map(way)), ["numpy"]),
  }
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
  const memory = proportionalMemory(pit.workers().flatMap(({ pid }) => pid ?? []))
  return { time, ...(memory !== undefined && { memory }) }
}
