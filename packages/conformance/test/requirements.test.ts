import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { requirementsIn } from "../src/requirements.js"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const markdown = readFileSync(join(root, "protocol/PROTOCOL.md"), "utf8")
const requirements = requirementsIn(markdown)

/** Files whose citations count. */
const isTest = (path: string): boolean =>
  /\.test\.ts$|(^|\/)test_\w+\.py$/.test(path) || path.startsWith("packages/conformance/src/")

const skipped = new Set(["node_modules", "dist", ".venv", ".git", ".cache", ".turbo"])

function testFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : testFiles(path)
    return isTest(path) ? [path] : []
  })
}

const cited = new Set(
  testFiles("")
    .filter((path) => !path.endsWith("/requirements.test.ts"))
    .flatMap((path) => readFileSync(join(root, path), "utf8").match(/\[[A-Z]{2}-\d+\]/g) ?? [])
    .map((citation) => citation.slice(1, -1)),
)

describe("the requirements of the protocol", () => {
  test("are all read from PROTOCOL.md, each once", () => {
    const bold = markdown.match(/\*\*[A-Z]{2}-\d+\*\*/g) ?? []
    expect(requirements.map(({ id }) => `**${id}**`)).toEqual(bold)
    expect(new Set(bold).size).toBe(bold.length)
  })

  test("are those in requirements.json (`vitest run -u` writes it anew)", async () => {
    const json = `[\n${requirements.map((requirement) => `  ${JSON.stringify(requirement)}`).join(",\n")}\n]\n`
    await expect(json).toMatchFileSnapshot(join(root, "protocol/requirements.json"))
  })

  test.each(requirements.map(({ id, text }) => [id, text]))("%s is cited by a test: %s", (id) => {
    expect(cited).toContain(id)
  })

  test("and no test cites one that does not exist", () => {
    const known = new Set(requirements.map(({ id }) => id))
    expect([...cited].filter((id) => !known.has(id))).toEqual([])
  })
})
