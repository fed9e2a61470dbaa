import { createRequire } from "node:module"
import { cpus, loadavg, release, totalmem } from "node:os"
import type { PythonFacts } from "./python.js"

/** What one has to know of a machine to read its numbers. */
export function machineFacts() {
  const processors = cpus()
  return {
    platform: process.platform,
    arch: process.arch,
    kernel: release(),
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryBytes: totalmem(),
    /** Load averages over 1, 5 and 15 minutes, before the run. */
    load: loadavg(),
  }
}

const require = createRequire(import.meta.url)
const versionOf = (name: string): string => require(`${name}/package.json`).version

export function versions(python: PythonFacts) {
  return {
    node: process.versions.node,
    python: python.version,
    orjson: python.orjson,
    snakepit: versionOf("@snakepit/core"),
    "python-shell": versionOf("python-shell"),
    pythonia: versionOf("pythonia"),
  }
}
