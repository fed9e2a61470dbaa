import assert from "node:assert/strict"
import { Snakepit, Tensor } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { explainMissingLibraries } from "../explain.js"

type Chunk =
  | { readonly index: number; readonly prediction: number; readonly confidence: number }
  | { readonly index: number; readonly error: string }
  | { readonly total_processed: number; readonly errors: number; readonly message: string }

explainMissingLibraries()
const cwd = new URL("../../src/batch-inference", import.meta.url)

await using pit = await Snakepit.start({
  adapter: python({ adapter: "./digits.py:Digits", cwd }),
  transports: [msgpack(), json(), grpc()],
  pool: { size: 1 },
})

const { pictures, labels } = await pit.execute<{ pictures: Tensor<"float64">; labels: number[] }>("samples", {
  count: 200,
})
const items = labels.map((_, index) => picture(index))

// Each result arrives as soon as there is one. What cannot be read has an error in its place, and the rest goes on.
let right = 0
let summary = ""
const unsure: { index: number; prediction: number; confidence: number }[] = []
const batch = { items: [...items, "/nowhere/digit.png"] }
for await (const { data } of pit.stream<Chunk>("batch_inference", batch)) {
  assert(data !== null)
  if ("message" in data) {
    summary = data.message
  } else if ("error" in data) {
    console.log(`Item ${data.index}: ${data.error}`)
    assert.equal(data.index, 200)
  } else {
    if (data.prediction === labels[data.index]) right += 1
    unsure.push(data)
  }
}

// The pictures it was the least sure about.
unsure.sort((a, b) => a.confidence - b.confidence)
const shown = unsure.slice(0, 5)
draw(shown.map(({ index }) => index))
console.log(
  shown
    .map(({ index, prediction, confidence }) =>
      `${prediction} (${(confidence * 100).toFixed(0)} %), is ${labels[index]}`.padEnd(18),
    )
    .join(""),
)

console.log(`${summary}; ${right} of 200 are right.`)
assert.equal(summary, "Processed 200 of 201 items successfully")
assert(right >= 190)

/** One of the pictures, which lie one behind the other. Nothing is copied. */
function picture(index: number): Tensor<"float64"> {
  return new Tensor("float64", [8, 8], pictures.data.subarray(index * 64, (index + 1) * 64))
}

/** Pictures side by side, two characters a pixel. */
function draw(indices: readonly number[]): void {
  const shades = [..." ░▒▓█"]
  const ink = (value: number) => (shades[Math.ceil(value / 4)] ?? " ").repeat(2)
  for (let row = 0; row < 8; row += 1) {
    const rows = indices.map((index) => [...picture(index).data.subarray(row * 8, (row + 1) * 8)])
    console.log(rows.map((pixels) => pixels.map(ink).join("")).join("  "))
  }
}
