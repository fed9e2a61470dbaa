import assert from "node:assert/strict"
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, describe, it } from "node:test"
import { at, bin, cache } from "../lib/paths.mjs"
import { run } from "../lib/run.mjs"

let folder
beforeEach(() => {
  mkdirSync(cache, { recursive: true })
  folder = mkdtempSync(join(cache, "layers-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const manifests = {
  core: { dependencies: { effect: "1" } },
  "transport-json": { dependencies: { "@snakepit/core": "1", "fast-json": "1" } },
  "python-bridge": { dependencies: { "@snakepit/core": "1", "@snakepit/transport-json": "1" } },
  conformance: { private: true, dependencies: { "@snakepit/transport-json": "1" } },
}

/** Writes a small house with the given files, and checks it. */
async function check(files) {
  for (const [short, manifest] of Object.entries(manifests)) {
    write(`packages/${short}/package.json`, JSON.stringify({ name: `@snakepit/${short}`, ...manifest }))
  }
  for (const [path, text] of Object.entries(files)) write(`packages/${path}`, text)
  return run(process.execPath, [at("scripts/check-layers.mjs"), folder], { capture: true })
}

function write(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

async function rejects(files, message) {
  const { code, output } = await check(files)
  assert.match(output, message)
  assert.equal(code, 1, output)
}

describe("layers", () => {
  it("accepts imports that point down", async () => {
    const { code, output } = await check({
      "core/src/protocol/frame.ts": 'import { Effect } from "effect"\nimport { join } from "node:path"',
      "core/src/pool/pool.ts": 'import type { Frame } from "../protocol/frame.js"\nimport "./queue.js"',
      "core/src/pool/queue.ts":
        '/** Example:\n * import { a } from "@snakepit/transport-json"\n */\nexport {}',
      "core/src/index.ts": 'export { Pool } from "./pool/pool.js"',
      "transport-json/src/index.ts": 'import { Frame } from "@snakepit/core/transport"\nimport "fast-json"',
      "conformance/src/index.ts": 'import { json } from "@snakepit/transport-json"',
    })
    assert.equal(code, 0, output)
  })

  const up = /protocol\/frame\.ts: imports packages\/core\/src\/pool\/pool\.ts, which lies above it/
  for (const [kind, statement] of [
    ["an import", 'import { Pool } from "../pool/pool.js"'],
    ["a type import over several lines", 'import type {\n  Pool,\n} from "../pool/pool.js"'],
    ["a re-export", 'export * from "../pool/pool.js"'],
    ["a side effect", 'import "../pool/pool.js"'],
    ["a dynamic import", 'const pool = await import("../pool/pool.js")'],
  ]) {
    it(`rejects ${kind} that points up`, () =>
      rejects({ "core/src/protocol/frame.ts": statement, "core/src/pool/pool.ts": "" }, up))
  }

  it("rejects a folder that imports a face", () =>
    rejects({ "core/src/pool/pool.ts": 'import "../snakepit.js"' }, /snakepit\.ts, which lies above it/))

  it("rejects a folder without a place", () =>
    rejects({ "core/src/helpers/x.ts": "" }, /helpers\/x\.ts: its folder has no place/))
})

describe("packages", () => {
  for (const [path, name] of [
    ["core/src/index.ts", "fast-json"],
    ["core/src/index.ts", "@snakepit/core"],
    ["transport-json/src/index.ts", "@snakepit/python-bridge"],
    ["transport-json/src/index.ts", "undeclared"],
    ["python-bridge/src/index.ts", "@snakepit/transport-json"],
    ["conformance/src/index.ts", "undeclared"],
  ]) {
    it(`rejects ${name} in ${path}`, () =>
      rejects({ [path]: `import x from "${name}/deep"` }, new RegExp(`must not import ${name}\\n`)))
  }

  it("rejects a relative import that leaves its package", () =>
    rejects({ "conformance/src/index.ts": 'import "../../core/src/index.js"' }, /leaves its package/))
})

describe("cycles and sizes", () => {
  it("rejects an import cycle", () =>
    rejects(
      { "core/src/pool/a.ts": 'import "./b.js"', "core/src/pool/b.ts": 'import type { A } from "./a.js"' },
      /import cycle: packages\/core\/src\/pool\/a\.ts → packages\/core\/src\/pool\/b\.ts → packages\/core\/src\/pool\/a\.ts/,
    ))

  it("accepts 300 lines and rejects 301, in both languages", async () => {
    const { code, output } = await check({ "core/src/index.ts": "\n".repeat(300) })
    assert.equal(code, 0, output)
    await rejects({ "core/src/index.ts": "\n".repeat(301) }, /index\.ts: has 301 lines/)
    await rejects({ "python-bridge/python/src/a.py": "\n".repeat(301) }, /a\.py: has 301 lines/)
  })

  it("accepts a Python function of 60 lines and rejects one of 61", async () => {
    const text = (lines) => `async def work() -> None:\n${"    pass\n".repeat(lines - 1)}`
    const { code, output } = await check({ "python-bridge/python/src/a.py": text(60) })
    assert.equal(code, 0, output)
    await rejects({ "python-bridge/python/src/a.py": text(61) }, /a\.py:1: work has 61 lines/)
  })

  it("has biome reject a TypeScript function of more than 60 lines", async () => {
    write("packages/core/src/a.ts", `export function work() {\n${"  work()\n".repeat(61)}}\n`)
    cpSync(at("biome.json"), join(folder, "biome.json"))
    const { code, output } = await run(bin("biome"), ["lint"], {
      cwd: folder,
      capture: true,
      env: { XDG_CACHE_HOME: cache },
    })
    assert.match(output, /noExcessiveLinesPerFunction/)
    assert.notEqual(code, 0)
  })
})
