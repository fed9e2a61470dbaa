import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, test } from "vitest"

/*
 * What a call and a chunk cost this side, counted instead of timed. What is an integer can only be that; the others
 * have room for what a busy machine changes (fewer chunks come together), or another Node (bytes).
 *
 * When a test fails, something is done now that was not done before: find it, and take it out. Raise a bound only for
 * what is worth it, and say in the change what that is. Lower one whenever less is done: an integer to what is
 * measured, the others to about a tenth above it.
 */
const calls = { sent: 1, received: 1, writes: 1, reads: 1, promises: 4.1, timers: 0.01, ticks: 2.1 }
/** The timer is the one that looks after calls that wait behind others. */
const burst = {
  sent: 1,
  received: 1,
  writesInAll: 1,
  readsInAll: 2,
  promises: 4.1,
  timers: 1 / 64,
  ticks: 0.1,
}
const stream = { received: 1.1, promises: 2.1, timers: 0.01, ticks: 0.2, readsInAll: 250 }
/** The call, and credit whenever half of the 1,024 that it began with is used up. */
const ofStream = 1 + Math.floor(10_000 / 512)

const bounds = {
  /** Each, of a thousand calls one after the other. */
  calls: {
    json: { ...calls, bytesReceived: 42, bytesAllocated: 12_000 },
    msgpack: { ...calls, bytesReceived: 34, bytesAllocated: 15_400 },
  },
  /** Each, of 64 calls in one tick. */
  burst: {
    json: { ...burst, bytesReceived: 42 },
    msgpack: { ...burst, bytesReceived: 34 },
  },
  /** Each, of ten thousand chunks. A frame for each would be 40 bytes. */
  stream: {
    json: { ...stream, sentInAll: ofStream, writesInAll: ofStream, bytesReceived: 6.5 },
    msgpack: { ...stream, sentInAll: ofStream, writesInAll: ofStream, bytesReceived: 4.5 },
  },
  /** Ten million bytes there and back: what arrives, and the value that it is copied into. */
  bytes: {
    json: { bytesAllocatedForEachByte: 2.1 },
    msgpack: { bytesAllocatedForEachByte: 2.1 },
  },
  /** Each, of ten thousand calls that wait, and after they were answered. */
  waiting: {
    memory: { bytesHeld: 1800, bytesLeft: 32 },
  },
} as const

const program = fileURLToPath(new URL("../dist/work/main.js", import.meta.url))
/** No garbage is collected while something is counted, and no compiler leaves out what is counted on some days. */
const flags = ["--expose-gc", "--no-opt", "--min-semi-space-size=128", "--max-semi-space-size=128"]

async function measure(scenario: string, transport: string): Promise<Record<string, number>> {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, scenario, transport])
  return JSON.parse(stdout)
}

// Elsewhere there is no journal, and a worker writes answers one by one.
describe.runIf(process.platform === "linux").each(Object.entries(bounds))("%s", (scenario, transports) => {
  test.each(Object.entries(transports))(
    "no more work than before: %s",
    async (transport, most: Record<string, number>) => {
      const measured = await measure(scenario, transport)
      expect(Object.keys(measured).sort()).toEqual(Object.keys(most).sort())
      const beyond = Object.entries(most)
        .filter(([name, bound]) => !((measured[name] ?? Number.NaN) <= bound))
        .map(([name, bound]) => `${name}: ${measured[name]}, the bound is ${bound}`)
      expect(beyond).toEqual([])
    },
    60_000,
  )
})
