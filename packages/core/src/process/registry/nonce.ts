import { randomBytes } from "node:crypto"
import { environmentOf } from "../proc-files.js"

/** Where a launched process, and whatever it forks, carries its nonce. */
export const nonceVariable = "SNAKEPIT_NONCE"

const prefix = `${nonceVariable}=`

export function newNonce(): string {
  return randomBytes(16).toString("hex")
}

export function isNonce(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value)
}

/** The nonce that a process was started with; `undefined` if it has none, or its environment cannot be read. */
export function nonceOf(pid: number): string | undefined {
  return environmentOf(pid)
    ?.find((entry) => entry.startsWith(prefix))
    ?.slice(prefix.length)
}
