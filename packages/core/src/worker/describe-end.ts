import type { ExitInfo } from "../process/launched.js"
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
  if (exit?.signal === "SIGKILL") return `was killed by SIGKILL, possibly out of memory${lastSeen(memory)}`
  if (exit?.signal) return `was killed by ${exit.signal}`
  if (exit?.code != null) return `exited with code ${exit.code}`
  return exit === undefined ? "closed its channel" : "ended, nobody knows how"
}

function lastSeen(memory: number | undefined): string {
  return memory === undefined ? "" : ` (it had ${Math.round(memory / 1024 / 1024)} MiB when last seen)`
}
