import type { ProcessPlan } from "../adapter/adapter.js"

/** What a host tells its own worker, and that one must not tell to workers of its own. */
const ofTheRole = [
  "SNAKEPIT_CHANNEL",
  "SNAKEPIT_LIFELINE",
  "SNAKEPIT_OFFER",
  "SNAKEPIT_NONCE",
  "SNAKEPIT_PROFILE",
  "SNAKEPIT_THREADS",
  "SNAKEPIT_HEARTBEAT_CONFIG",
] as const

/**
 * The environment of a plan without what this process was told if it is a worker itself. What the plan gives such a
 * variable on its own account stays.
 */
export function inheritedEnvironment({ env }: Pick<ProcessPlan, "env">): Record<string, string | undefined> {
  const host = { ...process.env }
  const inherited: Record<string, string | undefined> = { ...(env ?? host) }
  for (const name of ofTheRole) if (inherited[name] === host[name]) delete inherited[name]
  return inherited
}
