import { describe, expect, test } from "vitest"
import { scaled } from "../src/scale.js"
import { storm } from "../src/storm.js"
import { describeStorm } from "../src/storm-report.js"
import { withSeeds } from "./support/seeds.js"

/** Together 5,000 calls with 60 faults; in the long form 100,000 calls with 1,000. */
const storms = [
  { transport: "json", launch: "spawn", callers: 8, share: 0.3 },
  { transport: "msgpack", launch: "fork", callers: 64, share: 0.3 },
  { transport: "grpc", launch: "spawn", callers: 32, share: 0.1 },
  { transport: "json", launch: "fork", callers: 1, share: 0.1 },
  { transport: "msgpack", launch: "spawn", callers: 256, share: 0.05 },
  { transport: "json", launch: "fork", callers: 32, share: 0.05, threads: 4 },
  { transport: "grpc", launch: "fork", callers: 16, share: 0.1 },
] as const

describe("a storm of crashes", () => {
  test.each(storms)(
    "over $transport, launched by $launch, with $callers callers: each call ends once",
    async (one) => {
      const calls = scaled(5_000, 100_000) * one.share
      const faults = scaled(60, 1_020) * one.share
      const threads = "threads" in one ? one.threads : 1
      await withSeeds(`storm-${one.transport}-${one.launch}-${one.callers}`, async (seed) => {
        const report = await storm({ ...one, threads, calls, faults, seed })
        console.log(describeStorm(report))
        expect(report.violations).toEqual([])
        expect(report.problems).toEqual([])
      })
    },
  )
})
