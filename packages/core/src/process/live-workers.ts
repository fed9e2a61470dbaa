import { signalWorker } from "./platform.js"

const live = new Set<number>()

function killAll(): void {
  for (const pid of live) signalWorker(pid, "SIGKILL")
}

/** From now on the worker is killed when this process exits: at its end, by `process.exit` or by an exception. */
export function guard(pid: number): void {
  if (live.size === 0) process.on("exit", killAll)
  live.add(pid)
}

/** Takes back `guard`; from now on `pid` is never signalled from here. */
export function release(pid: number): void {
  live.delete(pid)
  if (live.size === 0) process.off("exit", killAll)
}
