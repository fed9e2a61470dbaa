import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8")
const guide = read("../../../../docs/guides/write-a-transport.md")

/** What the guide shows under the name of a file. */
function shown(name: string): string | undefined {
  const block = new RegExp(`^\`\`\`\\w+\\n(?://|#) ${name.replace(".", "\\.")}\\n([\\s\\S]*?)^\`\`\`$`, "m")
  return guide.match(block)?.[1]
}

test.each([
  ["tcp.ts", "./tcp.ts"],
  ["tcp_carrier.py", "../../python/tcp_carrier.py"],
])("the guide shows %s as it is tested", (name, path) => {
  expect(shown(name)).toBe(read(path))
})

test("the whole transport has at most a hundred lines", () => {
  const lines = ["tcp.ts", "tcp_carrier.py"].flatMap((name) => shown(name)?.split("\n") ?? [])
  expect(lines.filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(100)
  expect(lines.length).toBeGreaterThan(30)
})
