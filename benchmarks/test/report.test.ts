import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { markdownReport } from "../src/report/markdown.js"
import { drawPlots } from "../src/report/plots.js"
import { textReport } from "../src/report/text.js"
import { writeReport } from "../src/report/write.js"
import { result, run } from "./made-up.js"

const rates = {
  "snakepit-json": [90_000, 100_000, 110_000],
  "snakepit-grpc": [60_000],
  "raw-pipe": [200_000],
  fastapi: [5_000],
}
const throughput = result(rates)
const bytes = [result({ "raw-pipe": [10] }, "bytes-1kb"), result({ "raw-pipe": [900] }, "bytes-10mb")]

describe("textReport", () => {
  const text = textReport(run([throughput]))

  it("shows numbers, each target, and the worst of each goal that was measured, in aligned columns", () => {
    expect(text).toContain("throughput: tiny calls")
    expect(text).toMatch(/^snakepit-json +100,000 \(90,000–110,000\) +1$/m)
    expect(text).toMatch(/^throughput rate: snakepit-json +≥ 0\.5 × raw-pipe +0\.5 +0\.45–0\.55 +undecided$/m)
    expect(text).toMatch(/^fast +≥ 0\.5 × raw-pipe +0\.5 .* undecided +throughput rate: snakepit-json$/m)
    expect(text).toMatch(/^ +≥ 0\.4 × .* missed +throughput rate: snakepit-grpc, the worst of 2$/m)
    expect(text).not.toContain("soon")
  })

  it("says so where a scenario had fewer rounds", () => {
    const text = textReport(run([result({ "raw-pipe": [1, 2] }, "slow"), result({ "raw-pipe": [1, 2, 3] })]))
    expect(text).toContain("slow: tiny calls; 2 rounds\n")
    expect(text).toContain("throughput: tiny calls\n")
  })

  it("shows every ratio, a column for each of Snakepit's transports", () => {
    expect(text).toMatch(/^every ratio +snakepit-json +snakepit-grpc$/m)
    expect(text).toMatch(/^throughput rate ÷ fastapi +20 better +12 better$/m)
    expect(text).toMatch(/^throughput rate ÷ snakepit-json +– +0\.6 worse$/m)
  })
})

describe("markdownReport", () => {
  it("shows who is absent, the plots, the same tables, and the machine", () => {
    const page = markdownReport(run([throughput]), [{ file: "a.svg", title: "A plot", svg: "" }])
    expect(page).toContain("this Python lacks uvloop")
    expect(page).toContain("## A plot\n\n![A plot](a.svg)")
    expect(page).toContain("| snakepit-json | 100,000 (90,000–110,000) | 1 |")
    expect(page).toContain(
      "| throughput rate: snakepit-json | ≥ 0.5 × raw-pipe | 0.5 | 0.45–0.55 | undecided |",
    )
    expect(page).toContain("| throughput rate ÷ fastapi | 20 better | 12 better |")
    expect(page).toContain("| processor | 2 × Some CPU |")
  })
})

describe("markdownReport's goals", () => {
  const page = markdownReport(run([throughput]), [{ file: "a.svg", title: "A plot", svg: "" }])

  it("come before everything else, each with its name once", () => {
    const first = "| fast | ≥ 0.5 × raw-pipe | 0.5 | 0.45–0.55 | undecided | throughput rate: snakepit-json |"
    expect(page).toContain(`${first}\n|  | ≥ 0.4 × raw-pipe | 0.3 |`)
    expect(page.indexOf(first)).toBeLessThan(page.indexOf("## A plot"))
  })

  it("say what was not measured", () => {
    expect(page).toContain("| soon | ≤ 250 ms | – | – | not measured | startup-1 time: snakepit-json |")
  })
})

describe("drawPlots", () => {
  it("draws one picture for each scenario that has one, and one for all sizes of bytes", async () => {
    const plots = await drawPlots([throughput, ...bytes, result(rates, "startup-1")])
    expect(plots.map(({ file }) => file)).toEqual(["calls-per-second.svg", "cpu.svg", "bytes.svg"])
  })

  it("names every contestant, on a white ground, and shows the medians", async () => {
    const [plot] = await drawPlots([throughput])
    for (const name of Object.keys(rates)) expect(plot?.svg).toContain(`>${name}<`)
    expect(plot?.svg).toContain('fill="white"')
    expect(plot?.svg).toContain(">100k<")
  })

  it("marks the sizes that were sent", async () => {
    const [plot] = await drawPlots(bytes)
    expect(plot?.svg).toContain(">1 KB<")
    expect(plot?.svg).toContain(">10 MB<")
  })

  it("draws the same numbers the same way", async () => {
    expect(await drawPlots([throughput, ...bytes])).toEqual(await drawPlots([throughput, ...bytes]))
  })
})

describe("writeReport", () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bench-report-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it("writes the page, the numbers and the plots that the page shows", async () => {
    const results = run([throughput, ...bytes])
    await writeReport(join(folder, "made", "anew"), results)
    const read = (file: string) => readFileSync(join(folder, "made", "anew", file), "utf8")
    const plots = [...read("README.md").matchAll(/\]\((.*\.svg)\)/g)].map(([, file]) => file)
    expect(plots).toHaveLength(3)
    expect(readdirSync(join(folder, "made", "anew")).sort()).toEqual(
      ["README.md", "results.json", ...plots].sort(),
    )
    expect(JSON.parse(read("results.json"))).toEqual(results)
  })
})
