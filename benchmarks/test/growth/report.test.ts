import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { growthPage, growthText } from "../../src/growth/page.js"
import { drawGrowth } from "../../src/growth/plot.js"
import { writeGrowth } from "../../src/growth/run.js"
import { grown, growthRun, point } from "./made-up.js"

const limits = [{ metric: "cost", at: 1000, from: 100, atMost: 2 }]
const points = [point(0, [1]), point(100, [9, 10, 11]), point(1000, [11, 12, 13])]
const result = grown(points, { limits })

describe("growthText", () => {
  it("shows a row for each point, and the limits", () => {
    const text = growthText({ dimensions: [result] })
    expect(text).toContain("queue: a longer queue\nFlat: nobody looks at those who wait.")
    expect(text).toMatch(/^snakepit-json, 1,000 +12 \(11–13\)$/m)
    expect(text).toMatch(/^snakepit-json: cost at 1,000 ÷ at 100 +1\.2 +1\.18–1\.22 +≤ 2 +met$/m)
  })
})

describe("growthPage", () => {
  it("shows what is expected, the plot, the same tables, and the machine", () => {
    const page = growthPage(growthRun([result]), [{ file: "a.svg", title: "A plot", svg: "" }])
    expect(page).toContain("Flat: nobody looks at those who wait.\n\n![a longer queue](a.svg)")
    expect(page).toContain("| snakepit-json: cost at 1,000 ÷ at 100 | 1.2 | 1.18–1.22 | ≤ 2 | met |")
    expect(page).toContain("| snakepit-json, none | 1 (1–1) |")
    expect(page).toContain("| processor | 2 × Some CPU |")
  })
})

describe("drawGrowth", () => {
  it("marks the points by their labels, none of them left out", async () => {
    const { svg } = await drawGrowth(result)
    for (const label of ["none", "100", "1,000", "calls waiting"]) expect(svg).toContain(`>${label}<`)
    expect(svg).toContain('fill="white"')
  })

  it("names the transports, and the metrics where a panel shows several", async () => {
    const { svg } = await drawGrowth(
      grown([...points, point(100, [7], "snakepit-grpc")], {
        panels: [
          { metrics: ["cost"], title: "µs", log: false },
          { metrics: ["cost", "other"], title: "µs", log: true },
        ],
      }),
    )
    for (const name of ["snakepit-json", "snakepit-grpc", "cost"])
      expect(svg.split(`>${name}<`)).toHaveLength(2)
  })

  it("has a logarithmic axis from one power of ten to another", async () => {
    const panels = [{ metrics: ["cost"], title: "µs", log: true }]
    const { svg } = await drawGrowth(grown([point(100, [30]), point(1000, [700])], { panels }))
    expect([...svg.matchAll(/text-anchor="end"[^>]*>([\d,]+)</g)].map(([, text]) => text)).toEqual([
      "10",
      "100",
      "1,000",
    ])
  })
})

describe("writeGrowth", () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bench-growth-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it("writes the page, the numbers and a plot for each dimension", async () => {
    const results = growthRun([result, { ...result, name: "callers" }])
    await writeGrowth(join(folder, "new"), results)
    expect(readdirSync(join(folder, "new")).sort()).toEqual([
      "README.md",
      "callers.svg",
      "queue.svg",
      "results.json",
    ])
    const read = (file: string) => readFileSync(join(folder, "new", file), "utf8")
    expect(read("README.md")).toContain("](callers.svg)")
    expect(JSON.parse(read("results.json"))).toEqual(results)
  })
})
