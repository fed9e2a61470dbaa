import { type ExitInfo, howItEnded } from "../process/launched.js"
import type { CloseReason } from "../transport/transport.js"

/**
 * What became of a worker that nobody told to end, for people.
 * @param memory of its process when it was last looked at, in bytes.
 */
export function describeEnd(
  reason: CloseReason | undefined,
  exit: ExitInfo | undefined,
  memory: number | undefined,
): string {
  if (reason?.kind === "protocol") return `broke the protocol: ${reason.message}`
  if (reason?.kind === "io") return `lost its channel: ${reason.message}`
  if (exit === undefined) return "closed its channel"
  if (exit.code === null && exit.signal === null) return "ended, nobody knows how"
  return howItEnded(exit) + (exit.signal === "SIGKILL" ? `, possibly out of memory${lastSeen(memory)}` : "")
}

function lastSeen(memory: number | undefined): string {
  return memory === undefined ? "" : ` (it had ${Math.round(memory / 1024 / 1024)} MiB when last seen)`
}
