import assert from "node:assert/strict"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

interface Fetched {
  readonly page: number
  readonly thread: string
  readonly pid: number
}

interface Counted {
  readonly primes: number
  readonly pid: number
}

const cwd = new URL("../../src/hybrid-pools", import.meta.url)

await using pit = await Snakepit.start({
  transports: [json()],
  pools: {
    // One process with sixteen threads: sixteen calls wait at a time, and share what the process holds.
    waiting: {
      size: 1,
      profile: "thread",
      threads: 16,
      adapter: python({ adapter: "./fetching.py:Fetching", cwd }),
    },
    // Processes that compute side by side. After twenty calls another one is started in their place, so no leak adds up.
    computing: {
      size: 2,
      adapter: python({ adapter: "./fetching.py:Counting", cwd }),
      recycle: { maxRequests: 20 },
      queueTimeout: "30 seconds",
    },
  },
})

const begun = performance.now()
const pages = await Promise.all(
  Array.from({ length: 16 }, (_, page) =>
    pit.execute<Fetched>("fetch", { page, seconds: 0.5 }, { pool: "waiting" }),
  ),
)
const took = Math.round(performance.now() - begun)
const threads = new Set(pages.map(({ thread }) => thread))
console.log(`16 waits of half a second took ${took} ms together, in ${threads.size} threads of one process.`)
assert.equal(threads.size, 16)
assert.equal(new Set(pages.map(({ pid }) => pid)).size, 1)

const recycled: string[] = []
pit.on("snakepit.worker.recycled", ({ metadata: { workerId, reason }, measurements: { requests } }) => {
  recycled.push(workerId)
  console.log(`${workerId} was replaced (${reason}) after ${requests} calls.`)
})

const counted: Counted[] = []
while (recycled.length < 2) {
  const round = Array.from({ length: 10 }, () =>
    pit.execute<Counted>("count_primes", { below: 100_000 }, { pool: "computing" }),
  )
  counted.push(...(await Promise.all(round)))
}
const processes = new Set(counted.map(({ pid }) => pid))
console.log(`${counted.length} counts of primes came from ${processes.size} processes, and none has failed.`)
assert(counted.every(({ primes }) => primes === 9592))
assert(processes.size > 2)
assert.equal(pit.stats().errors, 0)
