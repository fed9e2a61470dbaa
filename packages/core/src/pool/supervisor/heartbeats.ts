import type { Emitter } from "../../telemetry/emitter.js"
import { Heartbeats } from "../../worker/heartbeat.js"
import type { HeartbeatPolicy } from "../../worker/heartbeat-policy.js"
import type { Worker } from "../../worker/worker.js"

/** Asks the workers of a pool whether they are well, and tells who is not. */
export function poolHeartbeats(
  policy: HeartbeatPolicy | undefined,
  emitter: Emitter,
): Heartbeats<Worker> | undefined {
  if (policy === undefined) return undefined
  return new Heartbeats<Worker>(policy, ({ id: workerId, pool, pid }, { missed, action, reason }) =>
    emitter.emit("snakepit.worker.health_check_failed", { missed }, { workerId, pool, pid, action, reason }),
  )
}
