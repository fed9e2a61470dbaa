import { expectSameBytes, noise, sizeText } from "../payload.js"
import { cpuMetrics } from "../scenario.js"
import type { Dimension } from "./dimension.js"
import { latencies, latencyMetrics, latencyPanel, withPit } from "./load.js"

/** Larger payloads, one call at a time. */
export const payload: Dimension = {
  name: "payload",
  title: "bytes to Python and back, 1 B to 100 MB, one at a time, 1 worker",
  axis: "payload",
  points: [1, 1_000, 32_000, 1_000_000, 10_000_000, 100_000_000],
  label: sizeText,
  expected:
    "Up to some ten kilobytes a call costs what a call costs, so latency is flat and MB/s grow with the payload; " +
    "beyond that the bytes cost, so latency grows with the payload and MB/s are flat. Bytes that no longer fit " +
    "the processor's cache cost somewhat more. Collecting the garbage of the largest is paid by the small ones beside " +
    "them too: it shows in their p99 and MB/s, not in their p50.",
  metrics: [{ name: "rate", unit: "MB/s", better: "higher" }, ...latencyMetrics, ...cpuMetrics],
  panels: [{ metrics: ["rate"], title: "MB/s, counted once for both ways", log: true }, latencyPanel],
  limits: [
    { metric: "rate", at: 100_000_000, from: 10_000_000, atLeast: 0.5 },
    { metric: "p50", at: 1_000, from: 1, atMost: 2 },
  ],
  prepare: (line, at, python) => {
    const data = noise(at)
    return withPit(line, { python, workers: 1 }, async (pit, budget) => {
      const times: number[] = []
      let spent = 0
      while (spent < budget) {
        const start = performance.now()
        const answer = await pit.execute<Uint8Array>("echo", { value: data })
        const time = performance.now() - start
        expectSameBytes(answer, data)
        times.push(time * 1000)
        spent += time
      }
      const rate = (at * times.length) / (spent * 1000)
      return { operations: times.length, metrics: { rate, ...latencies(times) } }
    })
  },
}
