import { type ChildProcess, type StdioOptions, spawn } from "node:child_process"
import { once } from "node:events"
import type { LaunchPlan, ProcessPlan } from "../adapter/adapter.js"
import { InProcessWorker } from "./in-process-worker.js"
import { inheritedEnvironment } from "./inherited-environment.js"
import { LaunchError, launchError } from "./launch-error.js"
import type { LaunchedWorker, OutputLine } from "./launched.js"
import { hasProcessGroups, lifelineFd } from "./platform.js"
import { ProcessWorker } from "./process-worker.js"
import { nonceVariable } from "./registry/nonce.js"
import { type Announcement, type ProcessRegistry, unrecorded } from "./registry/registry.js"

export interface LaunchIo {
  /** Names of the transports the host offers, best first. */
  readonly offer: readonly string[]
  /** What these transports add to the worker's environment. Default: nothing. */
  readonly environment?: Readonly<Record<string, string>>
  /** Gets what the worker prints, at most 1,000 lines a second of each stream. Must not throw. */
  onOutput(line: OutputLine): void
  /** Writes down what runs, before it does. Default: nobody does. */
  readonly registry?: ProcessRegistry | undefined
  /** Gives the launch up. */
  readonly signal?: AbortSignal
}

/**
 * Starts a worker. Nothing of it keeps this process alive, and it does not outlive this process.
 *
 * @throws {LaunchError} when it cannot be started.
 * @throws the signal's reason when the launch was given up; nothing is left of the worker then.
 */
export async function launch(plan: LaunchPlan, io: LaunchIo): Promise<LaunchedWorker> {
  io.signal?.throwIfAborted()
  if (plan.kind !== "in-process") return launchProcess(plan, io)
  try {
    return new InProcessWorker(plan, io.offer)
  } catch (error) {
    throw new LaunchError({ executable: "in-process" }, String(error), error)
  }
}

async function launchProcess(plan: ProcessPlan, io: LaunchIo): Promise<LaunchedWorker> {
  const announcement = (io.registry ?? unrecorded).announce()
  const child = spawnChild(plan, io, announcement)
  // What goes wrong later shows as an exit.
  child.on("error", () => {})
  if (child.pid === undefined) {
    announcement.ended()
    const [error] = await once(child, "error")
    throw launchError(plan, error)
  }
  announcement.started(child.pid)
  const worker = new ProcessWorker(child, child.pid, plan, (line) => io.onOutput(line))
  child.once("exit", () => announcement.ended())
  await once(child, "spawn")
  if (io.signal?.aborted) {
    worker.kill()
    await worker.exited
    throw io.signal.reason
  }
  return worker
}

function spawnChild(
  plan: ProcessPlan,
  { offer, environment }: LaunchIo,
  announcement: Announcement,
): ChildProcess {
  const env = {
    ...inheritedEnvironment(plan),
    ...environment,
    SNAKEPIT_OFFER: JSON.stringify(offer),
    SNAKEPIT_CHANNEL: plan.channel === "stdio" ? "stdio" : "fd:3",
    [nonceVariable]: announcement.nonce,
    SNAKEPIT_LIFELINE: lifelineFd === undefined ? undefined : `fd:${lifelineFd}`,
  }
  try {
    return spawn(plan.executable, plan.args, {
      cwd: plan.cwd,
      env,
      stdio: descriptors(plan.channel),
      detached: hasProcessGroups,
      windowsHide: true,
    })
  } catch (error) {
    announcement.ended()
    throw launchError(plan, error)
  }
}

function descriptors(channel: ProcessPlan["channel"]): StdioOptions {
  const lifeline = lifelineFd === undefined ? ("ignore" as const) : ("pipe" as const)
  if (channel === "stdio") return ["pipe", "pipe", "pipe", "ignore", lifeline]
  return ["ignore", "pipe", "pipe", "pipe", lifeline]
}
