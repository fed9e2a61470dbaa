import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { explainMissingLibraries } from "../explain.js"

interface Epoch {
  readonly epoch: number
  readonly train_loss: number
  readonly val_acc: number
}

interface Trained {
  readonly final_model_path: string
  readonly best_val_accuracy: number
}

explainMissingLibraries()
const folder = await mkdtemp(join(tmpdir(), "training-"))
const measures = ["Beak Length (mm)", "Beak Depth (mm)", "Flipper Length (mm)", "Body Mass (g)"]
const penguins = readPenguins()

await using pit = await Snakepit.start({ adapter: python(), transports: [json()], pool: { size: 1 } })

try {
  const model = await train(join(folder, "penguins.csv"), join(folder, "model.npz"))
  await recognize(model)
} finally {
  await rm(folder, { recursive: true })
}

/** Two processes train on a part of the penguins each. After each epoch their models are averaged. */
async function train(table: string, modelPath: string): Promise<string> {
  await writeFile(table, [[...measures, "Species"], ...penguins].map((row) => row.join()).join("\n"))
  const losses: number[] = []
  let trained: Trained | undefined
  const stream = pit.stream<Epoch | Trained>("distributed_training", {
    dataset_path: table,
    model_config: { architecture: "mlp", layers: 1, hidden_size: 16 },
    training_config: { epochs: 20, batch_size: 16, learning_rate: 0.02, workers: 2, model_path: modelPath },
  })
  for await (const { data } of stream) {
    assert(data !== null)
    if ("final_model_path" in data) {
      trained = data
    } else {
      losses.push(data.train_loss)
      if (data.epoch % 5 === 0) console.log(describe(data))
    }
  }
  assert(trained !== undefined)
  assert.equal(losses.length, 20)
  assert((losses.at(-1) ?? 1) < (losses[0] ?? 0) / 2)
  assert(trained.best_val_accuracy > 0.9)
  return trained.final_model_path
}

/** The model is a file of plain arrays, which `batch_inference` takes. */
async function recognize(model: string): Promise<void> {
  const items = penguins.map((row) => row.slice(0, -1).map(Number))
  let right = 0
  const stream = pit.stream<{ index: number; prediction?: string }>("batch_inference", {
    items,
    model_path: model,
  })
  for await (const { data } of stream)
    if (data?.prediction !== undefined && data.prediction === penguins[data.index]?.at(-1)) right += 1
  console.log(`It tells the species of ${right} of ${penguins.length} penguins.`)
  assert(right > penguins.length * 0.95)
}

function describe({ epoch, train_loss, val_acc }: Epoch): string {
  const accuracy = `${(val_acc * 100).toFixed(0)} % of the penguins that it has not seen`
  return `Epoch ${String(epoch).padStart(2)}: loss ${train_loss.toFixed(3)}, right for ${accuracy}`
}

/** Four measures and the species of each penguin. */
function readPenguins(): (number | string)[][] {
  const file = fileURLToPath(new URL("../data/penguins.json", import.meta.resolve("vega-datasets")))
  const rows: Record<string, number | string | null>[] = JSON.parse(readFileSync(file, "utf8"))
  return rows.map((row) => [...measures, "Species"].flatMap((name) => row[name] ?? [])).filter(isComplete)
}

function isComplete(row: readonly unknown[]): boolean {
  return row.length === measures.length + 1
}
