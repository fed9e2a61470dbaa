import { describe, expect, it } from "vitest"
import { startServer } from "../src/contestants/server-process.js"
import { findPython } from "../src/python.js"

describe("startServer", () => {
  it("names the server that ends before it listens", async () => {
    await expect(startServer(findPython(), "lifeline.py")).rejects.toThrow(
      "lifeline.py ended before it listened",
    )
  })

  it("rejects when there is no such interpreter", async () => {
    await expect(startServer("there-is-no-such-python", "lifeline.py")).rejects.toThrow("ENOENT")
  })
})
