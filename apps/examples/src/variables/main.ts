import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { InvalidVariable, Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"

const cwd = new URL("../../src/variables", import.meta.url)
const points = readPenguins()

await using pit = await Snakepit.start({
  adapter: python({ adapter: "./regression.py:Regression", cwd }),
  transports: [msgpack(), json(), grpc()],
  pool: { size: 1 },
})
await using session = pit.session("penguins")
const { variables } = session

// Types and constraints hold for whoever writes: TypeScript here, Python there.
await variables.register("points", "tensor", points, { shape: [null, 2] })
await variables.register("rate", "float", 0.1, { min: 0, max: 1 })
await variables.register("steps", "integer", 200, { min: 1 })
await variables.register("progress", "integer", 0, { min: 0, max: 100 })
await variables.register("slope", "float", 0)
await variables.register("intercept", "float", 0)
await variables.register("unit", "choice", "gram", { choices: ["gram", "ounce"] })
await variables.register("solver", "module", "statistics", { allowed_modules: ["statistics", "sklearn"] })

await assert.rejects(variables.update("unit", "stone"), InvalidVariable)
const refusal = await session.execute<string>("hurry")
console.log(`Python may not either: ${refusal}`)
assert.match(refusal, /at most 1/)

// Several values at once: all of them, or, as here, none.
await assert.rejects(variables.updateMany({ rate: 0.5, steps: 0 }), InvalidVariable)
assert.equal((await variables.get("rate")).value, 0.1)

// What Python writes while it works can be watched. Who is slow sees the newest value, and not every one.
const changes = variables.watch(["progress"])
const fitted = session.execute("fit")
const seen: number[] = []
for await (const { value } of changes) {
  seen.push(Number(value))
  if (value === 100) break
}
await fitted
console.log(`Watched Python go from ${seen[0]} % to ${seen.at(-1)} %, in ${seen.length} changes.`)
assert.deepEqual(
  seen,
  [...new Set(seen)].sort((a, b) => a - b),
)

const { slope, intercept } = await variables.getMany(["slope", "intercept"])
console.log(`Penguins weigh ${slope.value} g for each millimetre of flipper, plus ${intercept.value} g.`)
const expected = leastSquares()
assert(Math.abs(Number(slope.value) - expected.slope) < 1e-6)
assert(Math.abs(Number(intercept.value) - expected.intercept) < 1e-3)

// All variables as one value, for another session.
await using copy = pit.session()
await copy.variables.import(await variables.export())
await copy.variables.update("intercept", 0)
assert.equal((await copy.variables.list()).length, 8)
const [here, there] = [
  await session.execute<number>("weigh", { flipper: 200 }),
  await copy.execute<number>("weigh", { flipper: 200 }),
]
console.log(`A flipper of 20 cm belongs to ${here.toFixed(0)} g of penguin.`)
assert.equal(there, 200 * Number(slope.value))
assert(Math.abs(here - there - Number(intercept.value)) < 1e-9)

/** Flipper length in millimetres and body mass in grams of each penguin that was measured. */
function readPenguins(): number[][] {
  const file = fileURLToPath(new URL("../data/penguins.json", import.meta.resolve("vega-datasets")))
  const penguins: Record<string, number | null>[] = JSON.parse(readFileSync(file, "utf8"))
  return penguins
    .map((penguin) => [penguin["Flipper Length (mm)"] ?? 0, penguin["Body Mass (g)"] ?? 0])
    .filter((measures) => !measures.includes(0))
}

/** The same line, worked out at once. */
function leastSquares(): { slope: number; intercept: number } {
  const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length
  const x = mean(points.map(([flipper = 0]) => flipper))
  const y = mean(points.map(([, mass = 0]) => mass))
  const covariance = mean(points.map(([flipper = 0, mass = 0]) => (flipper - x) * (mass - y)))
  const slope = covariance / mean(points.map(([flipper = 0]) => (flipper - x) ** 2))
  return { slope, intercept: y - slope * x }
}
