import { atExit } from "./at-exit.js"
import { signalWorker } from "./platform.js"

const live = new Set<number>()
let unhook = (): void => {}

/** From now on the worker is killed when this process exits: at its end, by `process.exit` or by an exception. */
export function guard(pid: number): void {
  if (live.size === 0) unhook = atExit(killAll)
  live.add(pid)
}

/** Takes back `guard`; from now on `pid` is never signalled from here. */
export function release(pid: number): void {
  if (live.delete(pid) && live.size === 0) unhook()
}

/** Whether it is certain that this worker does not outlive an exit of this process. */
export function isGuarded(pid: number): boolean {
  return live.has(pid)
}

function killAll(): void {
  for (const pid of live) signalWorker(pid, "SIGKILL")
}
