import assert from "node:assert/strict"
import { fileURLToPath } from "node:url"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

interface Quote {
  readonly date: string
  readonly price: number
  readonly rsi: number | null
  readonly sma_20: number | null
  readonly sma_50: number | null
  readonly trading_signal: "BUY" | "SELL" | "HOLD"
  readonly alerts: readonly string[]
}

interface End {
  readonly prices: number
  readonly message: string
}

const prices_path = fileURLToPath(new URL("../data/sp500-2000.csv", import.meta.resolve("vega-datasets")))

await using pit = await Snakepit.start({ adapter: python(), transports: [json()], pool: { size: 1 } })

// Twenty years of the S&P 500, day by day, with an alert when many more shares than usual changed hands.
const quotes: Quote[] = []
let end: End | undefined
const stream = pit.stream<Quote | End>("realtime_stock_analysis", {
  symbols: ["S&P 500"],
  indicators: ["RSI", "SMA_20", "SMA_50"],
  alert_thresholds: { rsi_oversold: 20, rsi_overbought: 85, volume_spike: 2 },
  prices_path,
})
for await (const { data } of stream) {
  assert(data !== null)
  if ("message" in data) {
    end = data
  } else {
    quotes.push(data)
    if (data.alerts.some((alert) => alert.startsWith("rsi_"))) console.log(describe(data))
  }
}
console.log(
  `${end?.prices} days: ${count("BUY")} to buy, ${count("SELL")} to sell, ${count("HOLD")} to hold.`,
)

assert.equal(end?.message, "Market session ended")
assert.equal(end.prices, quotes.length)
assert(quotes.every(({ date }, i) => i === 0 || date > (quotes[i - 1]?.date ?? "")))
// Each mean of 20 days, worked out here; there is none before there are 20 days.
quotes.forEach(({ sma_20 }, i) => {
  const window = quotes.slice(Math.max(0, i - 19), i + 1).map(({ price }) => price)
  const mean = window.reduce((sum, price) => sum + price, 0) / 20
  if (window.length < 20) assert.equal(sma_20, null)
  else assert(Math.abs((sma_20 ?? 0) - mean) < 1e-6)
})
assert(quotes.every(({ rsi }) => rsi === null || (rsi >= 0 && rsi <= 100)))

function describe({ date, price, rsi, trading_signal, alerts }: Quote): string {
  return `${date}  ${price.toFixed(2).padStart(7)}  RSI ${rsi?.toFixed(0)}  ${trading_signal}  ${alerts.join(", ")}`
}

function count(signal: Quote["trading_signal"]): number {
  return quotes.filter(({ trading_signal }) => trading_signal === signal).length
}
