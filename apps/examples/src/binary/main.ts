import assert from "node:assert/strict"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { inflateSync } from "node:zlib"
import { InvalidParameter, Snakepit, Tensor } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { explainMissingLibraries } from "../explain.js"

explainMissingLibraries()
const cwd = new URL("../../src/binary", import.meta.url)

await using pit = await Snakepit.start({
  adapter: python({ adapter: "./relief.py:Relief", cwd }),
  transports: [msgpack(), json(), grpc()],
  pool: { size: 1 },
})

// Bytes are bytes, wherever they stand among the arguments: no base64, on any transport.
const file = read("zipcodes.csv")
const checksum = await pit.execute<{ result: string; size: number }>("process_binary", { data: file })
console.log(`${checksum.size} bytes: SHA-256 ${checksum.result.slice(0, 16)}…, as Node says, too`)
assert.equal(checksum.result, createHash("sha256").update(file).digest("hex"))

// `binary` sends them beside the arguments, and makes sure that they are bytes.
const args = { operation: "compress" }
const { result: small } = await pit.execute<{ result: Uint8Array }>("process_binary", args, {
  binary: { data: file },
})
console.log(`… compressed to ${small.byteLength} bytes by Python, and inflated again by Node`)
assert(inflateSync(small).equals(file))
// @ts-expect-error: a text is no bytes, and is never sent.
await assert.rejects(pit.execute("process_binary", args, { binary: { data: "text" } }), InvalidParameter)

// A tensor is a NumPy array in Python. This one holds the heights of a volcano, on a grid of 10 metres.
const { width, height, values }: Grid = JSON.parse(read("volcano.json").toString())
const heights = new Tensor("float64", [height, width], Float64Array.from(values))
const slopes = await pit.execute<Tensor<"float64">>("slope", { heights, step: 10 })
assert.deepEqual([slopes.dtype, slopes.shape], ["float64", [height, width]])
assert(heights.bytes.byteLength > 10_240)

const steepest = slopes.data.indexOf(slopes.data.reduce((a, b) => Math.max(a, b)))
console.log(`${height} × ${width} heights, ${heights.bytes.byteLength} bytes, there and back as slopes:`)
draw(slopes)
console.log(`At ${heights.data[steepest]} m it is steepest: ${slopes.data[steepest]?.toFixed(0)}°.`)
const across = (values[steepest + 1] ?? 0) - (values[steepest - 1] ?? 0)
const along = (values[steepest + width] ?? 0) - (values[steepest - width] ?? 0)
const expected = (Math.atan(Math.hypot(across, along) / 20) * 180) / Math.PI
assert(Math.abs((slopes.data[steepest] ?? 0) - expected) < 1e-9)

interface Grid {
  readonly width: number
  readonly height: number
  readonly values: readonly number[]
}

function read(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets"))))
}

/** Every fourth row: the darker, the steeper. */
function draw({ data, shape: [rows = 0, columns = 0] }: Tensor<"float64">): void {
  const shades = [..." ░▒▓█"]
  for (let row = 0; row < rows; row += 4) {
    const line = Array.from(data.subarray(row * columns, (row + 1) * columns))
    console.log(`  ${line.map((degrees) => shades[Math.min(4, Math.floor(degrees / 10))]).join("")}`)
  }
}
