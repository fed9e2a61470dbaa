import { type ForkServerPlan, InvalidConfig, type LaunchContext } from "@snakepit/core"

/** Whether workers are forked, and from what. */
export interface ForkOptions {
  /**
   * How workers come to be. `fork`: one process of the pool, the fork server, imports `preload` and forks them, so that
   * each of them is ready in milliseconds and shares its memory. `spawn`: each of them is a process of its own from the
   * beginning. `auto` forks where that pays, and spawns where it cannot be done: on Linux for pools of 4 workers or
   * more, elsewhere (but on Windows) when there is something to preload. Default: `auto`.
   */
  readonly launch?: "auto" | "spawn" | "fork"
  /**
   * Modules that the fork server imports, so that no worker has to: `["numpy", "my_package.models"]`. Whatever must not
   * be shared between processes has no place there: threads, GPU contexts, open files and connections, gRPC.
   */
  readonly preload?: readonly string[]
}

interface Options extends ForkOptions {
  readonly channel?: "fd" | "stdio"
}

/** Pools below are started as quickly without. */
const fewestWorkers = 4

/** Whether a fork server is tried. */
export function forks(
  { launch = "auto", preload = [] }: Options,
  channel: "fd" | "stdio",
  { poolSize }: Pick<LaunchContext, "poolSize">,
): boolean {
  if (launch !== "auto") return launch === "fork"
  if (channel === "stdio") return false
  return preload.length > 0 || (process.platform === "linux" && poolSize >= fewestWorkers)
}

/** @param modules what it imports, in this order. */
export function forkServer(
  launch: Options["launch"],
  modules: readonly string[],
  executable: string,
  workerArgs: readonly string[],
): ForkServerPlan {
  const preload = modules.flatMap((name) => ["--preload", name])
  const args = ["-m", "snakepit_bridge._fork_server", ...preload]
  return { executable, args, workerArgs, loads: modules, required: launch === "fork" }
}

/** @throws {InvalidConfig} when this cannot be, on any machine or on this one. */
export function checkLaunch({ launch = "auto", preload = [], channel }: Options): void {
  if (!["auto", "spawn", "fork"].includes(launch))
    throw invalid("launch", `"${launch}" is not one of "auto", "spawn" and "fork"`)
  if (!Array.isArray(preload)) throw invalid("preload", 'is not a list of modules, such as ["numpy"]')
  for (const name of preload) checkModule(name)
  if (preload.length > 0 && launch === "spawn")
    throw invalid("preload", 'needs a fork server; leave `launch: "spawn"` out')
  if (launch !== "fork") return
  if (process.platform === "win32") throw invalid("launch", '"fork" is not to be had on Windows')
  if (channel === "stdio") throw invalid("launch", '"fork" does not go with the channel "stdio"')
}

function checkModule(name: unknown): void {
  const isName = typeof name === "string" && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(name)
  if (!isName)
    throw invalid("preload", `${JSON.stringify(name)} is no name of a module, such as "numpy.linalg"`)
  if (name.split(".")[0] === "grpc")
    throw invalid("preload", `"${name}" cannot be forked: gRPC must be left out`)
}

function invalid(key: string, problem: string): InvalidConfig {
  return new InvalidConfig({ message: `${key}: ${problem}`, key })
}
