import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

const cwd = new URL("../../src/pools-and-classes", import.meta.url)
const table = fileURLToPath(new URL("../data/stocks.csv", import.meta.resolve("vega-datasets")))

await using pit = await Snakepit.start({
  transports: [json()],
  pools: {
    quotes: { size: 2, adapter: python({ adapter: "./stocks.py:Quotes", cwd }) },
    research: { size: 1, adapter: python({ adapter: "./stocks.py:Research", cwd }), maxQueue: 10 },
  },
})

// What a worker keeps is its own, so each one loads the table. Calls made at once go to idle workers first.
const symbols = await Promise.all([
  pit.execute<string[]>("load", { table }, { pool: "quotes" }),
  pit.execute<string[]>("load", { table }, { pool: "quotes" }),
  pit.execute<string[]>("load", { table }, { pool: "research" }),
])
assert.deepEqual(symbols[0], ["AAPL", "AMZN", "GOOG", "IBM", "MSFT"])

// The slow pool is busy, even blocked: its one worker waits for somebody's answer …
const settled: string[] = []
const quoted = new Promise<void>((resolve) => pit.on("snakepit.request.executed", () => resolve()))
pit.tools.register("confirm", () => quoted)
const research = pit
  .execute<{ bought: string; sold: string; factor: number }>(
    "best_holding",
    { symbol: "AAPL", months: 12 },
    { pool: "research" },
  )
  .finally(() => settled.push("research"))

// … and the quick one does not notice.
const price = await pit.execute<number>("price", { symbol: "AAPL", date: "Mar 1 2010" }, { pool: "quotes" })
settled.push("quote")
const { bought, sold, factor } = await research

console.log(`Apple in March 2010: $${price}`)
console.log(`The best year to hold it: from ${bought} to ${sold}, times ${factor.toFixed(2)}`)
assert.equal(price, 223.02)
assert.deepEqual([bought, sold, factor], ["Feb 1 2004", "Feb 1 2005", 44.86 / 11.96])
assert.deepEqual(settled, ["quote", "research"])
assert.deepEqual([pit.stats().pools.quotes?.requests, pit.stats().pools.research?.requests], [3, 2])
