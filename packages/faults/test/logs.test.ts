import type { LogRecord } from "@snakepit/core"
import { expect, test, vi } from "vitest"
import { hostProgram } from "../src/host-program.js"
import { adapters } from "../src/workers.js"
import { start } from "./support/pit.js"
import { Records } from "./support/records.js"

const hostile = [
  "line\n[default-9] error forged",
  "cr\rover",
  "\u001b[2J\u001b[31mred\u001b[0m",
  "\u001b]0;title\u0007bell",
  "\u009b31m c1 \u0085 nel",
  "ls\u2028ps\u2029",
  "rtl \u202etxt.exe",
  "nul \u0000 end",
].join(" | ")

/** Anything that moves a cursor, ends a line or turns text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is searched for.
const harmful = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

test("S7 whatever a worker prints or logs, its records are free of terminal codes", async () => {
  const records = new Records()
  const pit = await start("secretive:Secretive", {}, { logger: records.logger })
  await pit.execute("write", { text: hostile })
  const of = (source: LogRecord["source"]) => records.all.filter((record) => record.source === source)
  await vi.waitFor(() => {
    for (const source of ["stdout", "stderr", "log"] as const)
      expect(of(source).some(({ message }) => message.includes("nul"))).toBe(true)
  })
  for (const { message, logger = "" } of records.all) expect(message + logger).not.toMatch(harmful)
  // What is printed is a record for each line; what was logged as one record stays one.
  for (const { source, message } of records.all) if (source !== "log") expect(message).not.toContain("\n")
  expect(of("log").filter(({ message }) => message.includes("nul"))).toHaveLength(1)
})

test("S7 no line on stderr poses as another one's", async () => {
  const source = `
const adapter_ = python({ adapter: "secretive:Secretive", cwd: ${JSON.stringify(adapters)} })
const pit = await Snakepit.start({ ...config, adapter: adapter_, pool: { size: 1 }, logger: "info" })
await pit.execute("write", { text: JSON.parse(process.env.HOSTILE) })
await pit.close()
`
  const { exit } = hostProgram(source, { HOSTILE: JSON.stringify(hostile) })
  const { stderr, code } = await exit
  expect(code).toBe(0)
  const lines = stderr.trimEnd().split("\n")
  expect(lines.filter((line) => line.includes("forged")).length).toBe(3)
  for (const line of lines) {
    expect(line).not.toMatch(harmful)
    expect(line).toMatch(/^(\[default-1[ \]]| {4})/)
  }
})
