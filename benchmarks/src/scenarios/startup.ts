import { binaryPeers, textPeers, transports } from "../contestants/index.js"
import { pythonShell } from "../contestants/python-shell.js"
import { rawPipe } from "../contestants/raw-pipe.js"
import { expectSame, type Scenario } from "../scenario.js"

/** From nothing until each of `workers` Python processes has answered a call. */
export function startup(workers: number): Scenario {
  // pythonia runs one Python process a program, and servers are not started by the dozen.
  const peers = workers === 1 ? [...binaryPeers, ...textPeers] : [pythonShell]
  return {
    name: `startup-${workers}`,
    title: `start until every worker answered, ${workers} ${workers === 1 ? "worker" : "workers"}`,
    metrics: [{ name: "time", unit: "ms", better: "lower" }],
    contestants: [...transports, rawPipe, ...peers],
    prepare: async (contestant, python) => ({
      close: async () => {},
      measure: async () => {
        const start = performance.now()
        const session = await contestant.open({ python, workers })
        try {
          const pids = await session.pids()
          const time = performance.now() - start
          expectSame(new Set(pids).size, workers)
          return { time }
        } finally {
          await session.close()
        }
      },
    }),
  }
}
