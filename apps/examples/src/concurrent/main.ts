import assert from "node:assert/strict"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

// node apps/examples/dist/concurrent/main.js 100
const size = Number(process.argv[2] ?? 4)
const cwd = new URL("../../src/concurrent", import.meta.url)

let begun = performance.now()
await using pit = await Snakepit.start({
  adapter: python({ adapter: "./mersenne.py:Mersenne", cwd }),
  transports: [json()],
  pool: { size, queueTimeout: "30 seconds" },
})
console.log(`${size} workers are ready after ${since(begun)} ms.`)

/** How many calls each worker has served, and how many workers were at work whenever a call ended. */
const served = new Map<string | null, number>()
const busy: number[] = []
pit.on("snakepit.request.executed", ({ metadata: { workerId } }) => {
  served.set(workerId, (served.get(workerId) ?? 0) + 1)
  busy.push(pit.stats().busy)
})

// All calls at once: those that find no idle worker wait in the pool's queue, and whoever is free takes the next.
const exponents = primesUpTo(2281).slice(-100)
begun = performance.now()
const prime = await Promise.all(exponents.map((exponent) => pit.execute<boolean>("is_prime", { exponent })))
const took = since(begun)

const found = exponents.filter((_, i) => prime[i])
console.log(
  `Of 2^${exponents[0]} - 1 to 2^${exponents.at(-1)} - 1, prime are ${found.map((n) => `2^${n} - 1`).join(" and ")}.`,
)
assert.deepEqual(found, [2203, 2281])

const counts = [...served.values()]
console.log(`100 calls took ${took} ms: ${Math.round((100 / took) * 1000)} a second.`)
console.log(`Each worker served ${Math.min(...counts)} to ${Math.max(...counts)} of them.`)
console.log(`On average ${mean(busy).toFixed(1)} of ${size} workers were busy.`)
assert.equal(served.size, Math.min(size, 100))
assert(Math.max(...busy) <= size)
const { requests, errors, queued } = pit.stats()
assert.deepEqual({ requests, errors, queued }, { requests: 100, errors: 0, queued: 0 })

function primesUpTo(limit: number): number[] {
  const primes: number[] = []
  for (let n = 2; n <= limit; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return primes
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

function since(time: number): number {
  return Math.round(performance.now() - time)
}
