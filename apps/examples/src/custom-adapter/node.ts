import { type Adapter, defineAdapter } from "@snakepit/core"

/** Runs a Node script as a worker. Nothing else is needed to bring another runtime in. */
export function node(script: string): Adapter {
  return defineAdapter({
    name: "node",
    launch: () => ({
      executable: process.execPath,
      args: [script],
      hint: "This adapter needs the Node that runs this very program.",
    }),
    commandTimeout: (command) => (command === "count_primes" ? 10_000 : undefined),
  })
}
