import { fileURLToPath } from "node:url"
import { type Adapter, defineAdapter, type Snakepit } from "@snakepit/core"
import { type TransportName, tools } from "../../src/workers.js"
import { type PitOptions, start } from "./pit.js"

const script = fileURLToPath(new URL("../../python/scripted_worker.py", import.meta.url))

/** Launches workers that break the protocol on request, in the interpreter that all tests use. */
function scripted(env: Readonly<Record<string, string>>): Adapter {
  const python = tools("busy:Busy", { env })
  return defineAdapter({
    name: "scripted",
    async launch(context) {
      const plan = await python.launch(context)
      return plan.kind === "in-process" ? plan : { ...plan, args: [script] }
    },
  })
}

/** One such worker. Its tools are those of `scripted_worker.py`. */
export function startScripted(
  over: TransportName,
  env: Readonly<Record<string, string>> = {},
  options: PitOptions = {},
): Promise<Snakepit> {
  // Whatever it breaks, another one follows at once.
  const pool = { heartbeat: false, restart: { intensity: 1000 } } as const
  return start("", pool, { over, adapter: scripted(env), ...options })
}
