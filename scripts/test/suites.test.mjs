import assert from "node:assert/strict"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { afterEach, beforeEach, it } from "node:test"
import { cache, root } from "../lib/paths.mjs"
import { stampOf } from "../lib/stamp.mjs"
import { nodeTestSuite, programSuite } from "../lib/suites.mjs"

let folder
beforeEach(() => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, "suites-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const program = (name, code, options) => programSuite(name, process.execPath, ["-e", code], options).run()

/** What one file of node tests counts as, freed from the runner that this file itself runs under. */
async function countsOf(text) {
  const file = join(folder, "some.test.mjs")
  writeFileSync(file, `import { it } from "node:test"\n${text}`)
  const { passed, failed, skipped } = await nodeTestSuite("counted", [file], {
    env: { NODE_TEST_CONTEXT: undefined },
    capture: true,
  }).run()
  return { passed, failed, skipped }
}

it("counts what passed, failed and was skipped", async () => {
  const text = 'it("a", () => {})\nit("b", () => { throw new Error("no") })\nit.skip("c", () => {})'
  assert.deepEqual(await countsOf(text), { passed: 1, failed: 1, skipped: 1 })
})

it("counts a program by its exit code", async () => {
  assert.equal((await program("good", "")).passed, 1)
  assert.equal((await program("bad", "process.exit(3)")).failed, 1)
})

it("ends a program that takes too long", async () => {
  assert.equal((await program("endless", "setInterval(() => {}, 1000)", { timeout: 100 })).failed, 1)
})

it("fails a suite that leaves a process behind, and kills it", {
  skip: process.platform !== "linux",
}, async () => {
  const leak = `
    const args = ["-e", "setInterval(() => {}, 1000)"]
    require("node:child_process").spawn(process.execPath, args, { detached: true, stdio: "ignore" }).unref()`
  const { failed, problems } = await program("leaking", leak, { graceMs: 0 })
  assert.equal(failed, 1)
  assert.match(problems[0], /left a process behind: \d+ .*setInterval/)
  const pid = Number(problems[0].match(/behind: (\d+)/)[1])
  await gone(pid)
})

it("does a job again when an input or an output changed, and only then", () => {
  const path = (name) => relative(root, join(folder, name))
  const job = () =>
    stampOf({ name: join("..", "..", path("stamp")), inputs: [path("in")], outputs: [path("out")] })
  writeFileSync(join(folder, "in"), "1")
  writeFileSync(join(folder, "out"), "")
  assert.equal(job().fresh(), false)
  job().write()
  assert.equal(job().fresh(), true)
  writeFileSync(join(folder, "in"), "2")
  assert.equal(job().fresh(), false)
  writeFileSync(join(folder, "in"), "1")
  rmSync(join(folder, "out"))
  assert.equal(job().fresh(), false)
})

/** Waits until nothing has this pid; the test runner's own timeout bounds it. */
async function gone(pid) {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await new Promise(setImmediate)
  }
}
