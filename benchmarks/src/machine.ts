import { createRequire } from "node:module"
import { cpus, loadavg, release, totalmem } from "node:os"
import type { PythonFacts } from "./python.js"

/** What one has to know of a machine to read its numbers. */
export interface MachineFacts {
  readonly platform: string
  readonly arch: string
  readonly kernel: string
  readonly cpu: string
  readonly cores: number
  readonly memoryBytes: number
  /** Load averages over 1, 5 and 15 minutes, before the run. */
  readonly load: readonly number[]
}

export function machineFacts(): MachineFacts {
  const processors = cpus()
  return {
    platform: process.platform,
    arch: process.arch,
    kernel: release(),
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    load: loadavg(),
  }
}

/** Versions by name. */
export type Versions = Readonly<Record<string, string>>

const require = createRequire(import.meta.url)
const npmPackages = ["@snakepit/core", "python-shell", "pythonia", "undici", "@grpc/grpc-js"]

export function versions(python: PythonFacts): Versions {
  const fromNpm = npmPackages.map((name) => [name, require(`${name}/package.json`).version])
  return {
    node: process.versions.node,
    python: python.version,
    ...Object.fromEntries(fromNpm),
    ...python.packages,
  }
}
