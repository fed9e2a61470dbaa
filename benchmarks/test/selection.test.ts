import { describe, expect, it } from "vitest"
import type { Contestant } from "../src/contestant.js"
import { describePython, findPython } from "../src/python.js"
import { explainAbsence, select } from "../src/selection.js"

const contestant = (name: string, more: Partial<Contestant> = {}): Contestant => ({
  name,
  open: () => Promise.reject(new Error("not used")),
  ...more,
})
const plain = contestant("plain")
const fast = contestant("fast", { needs: ["orjson"], instead: plain })
const web = contestant("web", { needs: ["fastapi", "uvloop"] })
const bare = { executable: "python3", version: "3.11.7", packages: { fastapi: "0.1" } }

describe("select", () => {
  it("keeps everybody where nothing is missing", () => {
    const packages = { orjson: "3", fastapi: "0.1", uvloop: "0.2" }
    expect(select([fast, plain, web], { ...bare, packages })).toEqual([fast, plain, web])
  })

  it("takes the replacement once, and leaves out who has none", () => {
    expect(select([fast, plain, web], bare)).toEqual([plain])
    expect(select([fast, web], bare)).toEqual([plain])
  })
})

describe("explainAbsence", () => {
  it("names who is missing, what is missing and the command that brings it, once", () => {
    expect(explainAbsence([web, plain, web], bare)).toEqual([
      "web is left out: this Python lacks uvloop (python3 -m pip install uvloop)",
    ])
    expect(explainAbsence([fast], bare)).toEqual([
      "fast gives its place to plain: this Python lacks orjson (python3 -m pip install orjson)",
    ])
    expect(explainAbsence([plain], bare)).toEqual([])
  })
})

describe("describePython", () => {
  it("tells which packages are installed", () => {
    const { version, packages } = describePython(findPython(), ["pip", "there-is-no-such-package"])
    expect(version).toMatch(/^3\.\d+/)
    expect(Object.keys(packages)).not.toContain("there-is-no-such-package")
  })
})
