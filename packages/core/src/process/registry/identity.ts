import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"
import { hasEnded, readProcess } from "../process-table.js"

/** One process of one boot: a number that is used again does not mean the same host. */
export interface HostIdentity {
  readonly boot: string
  /** Where its number holds: a container counts its processes anew. */
  readonly namespace: string
  readonly pid: number
  readonly startTime: string
}

/** The version of what is written in files. */
export const formatVersion = 1

/** What tells instances apart, also those that write another format. The token cannot be found from it. */
export function instanceKey(name: string, token: string): string {
  const instance = JSON.stringify(["snakepit registry", formatVersion, name, token])
  return createHash("sha256").update(instance).digest("hex")
}

/** This process. */
export function thisHost(): HostIdentity {
  const { pid } = process
  return { boot: bootId(), namespace: pidNamespace(), pid, startTime: readProcess(pid)?.startTime ?? "" }
}

/** Whether it is proven that a host has ended; what another container's host does cannot be seen from here. */
export function isProvablyDead(host: HostIdentity, here: HostIdentity): boolean {
  if (isOfOtherBoot(host, here)) return true
  if (host.namespace !== here.namespace) return false
  const facts = readProcess(host.pid)
  return facts === undefined || hasEnded(facts) || differs(facts.startTime, host.startTime)
}

/** Nothing of another boot is left, and its numbers mean other processes now. */
export function isOfOtherBoot(host: HostIdentity, here: HostIdentity): boolean {
  return differs(host.boot, here.boot)
}

/** What could not be found out proves nothing. */
function differs(one: string, other: string): boolean {
  return one !== "" && other !== "" && one !== other
}

function bootId(): string {
  return process.platform === "linux"
    ? attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))
    : attempt(() =>
        execFileSync("sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8", timeout: 2000 }),
      )
}

/** Within which numbers of processes mean the same; empty where that cannot be told. */
export function pidNamespace(): string {
  return attempt(() => readlinkSync("/proc/self/ns/pid"))
}

function attempt(read: () => string): string {
  try {
    return read().trim()
  } catch {
    return ""
  }
}
