import { describe, expect, it } from "vitest"
import { snakepitJson, snakepitStdlib } from "../../src/contestants/snakepit.js"
import { dimensions } from "../../src/growth/index.js"
import { describePython, findPython } from "../../src/python.js"
import { select } from "../../src/selection.js"

const python = describePython(findPython(), snakepitJson.needs ?? [])
const [line = snakepitStdlib] = select([snakepitJson], python)

describe.each(dimensions)("$name", ({ points, metrics, panels, limits, prepare }) => {
  const names = metrics.map(({ name }) => name)

  it("grows, and draws and limits only what it measures", () => {
    expect(points).toEqual([...new Set(points)].sort((a, b) => a - b))
    expect(names).toEqual(expect.arrayContaining(panels.flatMap((panel) => panel.metrics)))
    for (const { metric, at, from, atLeast, atMost } of limits) {
      expect(names).toContain(metric)
      expect(points).toEqual(expect.arrayContaining([at, from]))
      expect(from).toBeLessThan(at)
      expect([atLeast, atMost].filter((bound) => bound !== undefined)).toHaveLength(1)
    }
  })

  it("measures what it draws, with real workers", async () => {
    const entry = await prepare(line, points[1] ?? 1, python.executable)
    try {
      const measured = await entry.measure(1)
      for (const { metrics } of panels) expect(measured[metrics[0] ?? ""]).toBeGreaterThan(0)
      expect(measured.hostCpu).toBeGreaterThan(0)
    } finally {
      await entry.close()
    }
  }, 60_000)
})
