import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { faults } from "../src/ids.js"

const folder = fileURLToPath(new URL(".", import.meta.url))

/** The ids that names of tests begin with: `test("R3 …")`, `test.each(…)("P1, P5: …")`. */
function idsIn(source: string): string[] {
  const names = source.match(/\(\s*["'`](?:[A-Z]\d+[,:]? )+/g) ?? []
  return names.flatMap((name) => name.match(/[A-Z]\d+/g) ?? [])
}

const tested = new Set(
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts") && file !== "ids.test.ts")
    .flatMap((file) => idsIn(readFileSync(join(folder, file), "utf8"))),
)

describe("of the faults", () => {
  test.each(Object.entries(faults))("%s has a test: %s", (id) => {
    expect([...tested]).toContain(id)
  })

  test("no test names one that does not exist", () => {
    expect([...tested].filter((id) => !(id in faults))).toEqual([])
  })
})
