import type { TopLevelSpec } from "vega-lite"
import type { ScenarioResult } from "../runner.js"
import { payloads } from "../scenarios/bytes.js"
import { type Mark, marksOf } from "./marks.js"
import { render } from "./render.js"
import { bars, type Caption, curves, ranges } from "./specs.js"

/** A picture of one aspect of a run. */
export interface Plot {
  /** Its name, without a folder. */
  readonly file: string
  readonly title: string
  readonly svg: string
}

interface Sketch extends Caption {
  readonly file: string
  readonly marks: (results: readonly ScenarioResult[]) => readonly Mark[]
  readonly draw: (marks: readonly Mark[], caption: Caption) => TopLevelSpec
}

const sketches: readonly Sketch[] = [
  {
    file: "calls-per-second.svg",
    title: "Tiny calls, 64 in flight, one worker",
    unit: "calls per second, more is better",
    marks: of("throughput", ["rate"]),
    draw: bars,
  },
  {
    file: "cpu.svg",
    title: "CPU time of a tiny call, 64 in flight",
    unit: "µs of CPU, less is better",
    marks: of("throughput", ["hostCpu", "workerCpu"]),
    draw: ranges,
  },
  {
    file: "latency.svg",
    title: "Tiny calls, one at a time",
    unit: "µs for a call, less is better",
    marks: of("latency", ["p50", "p99"]),
    draw: ranges,
  },
  {
    file: "chunks-per-second.svg",
    title: "A stream of small chunks",
    unit: "chunks per second, more is better",
    marks: of("stream", ["rate"]),
    draw: bars,
  },
  {
    file: "bytes.svg",
    title: "Bytes to Python and back",
    unit: "MB/s, more is better",
    marks: (results) =>
      results.flatMap((result) => {
        const size = payloads[result.name]
        return size === undefined ? [] : marksOf(result, ["rate"], size)
      }),
    draw: curves,
  },
]

/** The pictures that these results allow: a scenario that did not run has none. */
export async function drawPlots(results: readonly ScenarioResult[]): Promise<readonly Plot[]> {
  const drawn = sketches.map(async ({ marks, draw, ...sketch }): Promise<readonly Plot[]> => {
    const found = marks(results)
    return found.length === 0 ? [] : [{ ...sketch, svg: await render(draw(found, sketch)) }]
  })
  return (await Promise.all(drawn)).flat()
}

function of(scenario: string, metrics: readonly string[]): Sketch["marks"] {
  return (results) =>
    results.filter(({ name }) => name === scenario).flatMap((result) => marksOf(result, metrics))
}
