import { readdirSync, writeFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { mergedChunk, type Snakepit, type Transport } from "@snakepit/core"
import { type PythonOptions, python } from "@snakepit/python-bridge"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { beforeAll, describe, expect, onTestFinished, test } from "vitest"
import { folder, sampleFolder, start } from "./helpers.js"

/** The adapters that the guides of the original print, as they stand there. */
const seeds = fileURLToPath(new URL("seeds", import.meta.url))

const transports: readonly (readonly [string, () => Transport])[] = [
  ["json", json],
  ["msgpack", msgpack],
  ["grpc", grpc],
]

let iris: string
beforeAll(async () => {
  iris = join(await sampleFolder(), "iris.csv")
})

type Merged = Readonly<Record<string, unknown>>

/** What the callback of the guides was given: the chunks in their merged form, without the metadata. */
async function chunksOf(pit: Snakepit, tool: string, args: Record<string, unknown> = {}): Promise<Merged[]> {
  const merged: Merged[] = []
  await pit.executeStream(tool, args, (chunk) => {
    const { _metadata, ...rest } = mergedChunk(chunk)
    if (rest.is_final === true)
      expect(_metadata).toMatchObject({
        execution_time_ms: expect.stringMatching(/^\d/),
        tool_type: "remote",
        worker_id: "default-1",
      })
    merged.push(rest)
  })
  return merged
}

/** The chunk that ends a stream whose tool marks none. */
const synthetic = { data: null, is_final: true }

const used = new Set<string>()

describe.each(transports)("over %s, an adapter of the guides runs:", (name, transport) => {
  async function startSeed(served: PythonOptions): Promise<Snakepit> {
    const adapter = python({ cwd: seeds, ...served })
    const pit = await start("", {}, { adapter, transports: [transport()] })
    expect(pit.workers()).toMatchObject([{ transport: name }])
    used.add(`${served.adapter ?? served.script}`.replace(/:.*|^\.\/|\.py$/g, ""))
    return pit
  }
  const seed = (adapter: string) => startSeed({ adapter })

  test("a command, async", async () => {
    const pit = await seed("my_command:MyAdapter")
    expect(await pit.execute("my_command", { value: 21 })).toEqual({ status: "success", result: 42 })
  })

  test.each<PythonOptions>([
    { adapter: "my_simple_adapter:MySimpleHandler" },
    { script: "./my_simple_adapter.py" },
  ])("a command handler, as %o", async (served) => {
    const pit = await startSeed(served)
    expect(pit.tools.list().pools.default?.map((tool) => tool.name)).toEqual(["uppercase", "word_count"])
    expect(await pit.execute("uppercase", { text: "quiet" })).toEqual({ result: "QUIET" })
    const text = "to be or not to be"
    expect(await pit.execute("word_count", { text })).toEqual({
      word_count: 6,
      char_count: 18,
      unique_words: 4,
    })
  })

  test("streams of progress", async () => {
    const first = await seed("stream_progress:MyAdapter")
    expect(await chunksOf(first, "stream_progress", { steps: 4 })).toEqual([
      { step: 1, total: 4, progress: 25, is_final: false },
      { step: 2, total: 4, progress: 50, is_final: false },
      { step: 3, total: 4, progress: 75, is_final: false },
      { step: 4, total: 4, progress: 100, is_final: false },
      synthetic,
    ])
    const second = await seed("progress_stream:MyAdapter")
    expect(await chunksOf(second, "progress_stream", { count: 2, delay: 0 })).toEqual([
      { progress: 1, total: 2, percent: 50, message: "Processing item 1 of 2", is_final: false },
      { progress: 2, total: 2, percent: 100, message: "Processing item 2 of 2", is_final: false },
      { total_processed: 2, message: "Stream complete", is_final: true },
    ])
  })

  test("streams that are shown without their class", async () => {
    const pit = await seed("stream_fragments:FragmentsAdapter")
    expect(await chunksOf(pit, "stream_numbers", { count: 2 })).toEqual([
      { number: 0, is_last: false, is_final: false },
      { number: 1, is_last: true, is_final: false },
      synthetic,
    ])
    expect(await chunksOf(pit, "stream_items", { count: 2 })).toEqual([
      { index: 1, value: "Item 1", is_final: false },
      { index: 2, value: "Item 2", is_final: true },
    ])
    expect(await chunksOf(pit, "train_model", { epochs: 2 })).toEqual([
      { type: "progress", epoch: 1, loss: 1, accuracy: 0.5, is_final: false },
      { type: "progress", epoch: 2, loss: 0.5, accuracy: 0.55, is_final: false },
      { type: "complete", final_loss: 0.5, final_accuracy: 0.55, is_final: false },
      synthetic,
    ])
    const dataset = await chunksOf(pit, "generate_dataset", { rows: 2500 })
    const numbers = { length: 10 }
    expect(dataset).toMatchObject([
      { rows: 1000, total: 1000, is_final: false, data: { length: 1000, 0: numbers } },
      { rows: 1000, total: 2000, is_final: false, data: { length: 1000, 0: numbers } },
      { rows: 500, total: 2500, is_final: true, data: { length: 500, 0: numbers } },
    ])
    const steps = await chunksOf(pit, "my_streaming_tool", { param: "p" })
    expect(steps).toHaveLength(11)
    expect(steps[9]).toEqual({ step: 9, result: "Processing p", is_final: false })
  })

  test("training with explicit chunks", async () => {
    const pit = await seed("train_with_progress:MLStreamingAdapter")
    expect(await chunksOf(pit, "train_with_progress", { epochs: 2 })).toEqual([
      { epoch: 1, loss: 0.8, accuracy: 0.55, is_final: false },
      { epoch: 2, loss: 0.64, accuracy: 0.6, is_final: false },
      { status: "complete", model_id: expect.stringMatching(/^model_\d+$/), is_final: true },
    ])
  })

  test("batch inference", async () => {
    const pit = await seed("batch_inference:MLAdapter")
    const found = { prediction: "predicted_class", confidence: 0.95, total: 2, is_final: false }
    expect(await chunksOf(pit, "batch_inference", { items: ["a", "b"] })).toEqual([
      { item: "a", index: 0, progress: 1, ...found },
      { item: "b", index: 1, progress: 2, ...found },
      { total_processed: 2, message: "Processed 2 items successfully", is_final: true },
    ])
  })

  test("a data set in pieces", async () => {
    const pit = await seed("process_large_dataset:DataAdapter")
    const chunks = await chunksOf(pit, "process_large_dataset", { file_path: iris, chunk_size: 60 })
    const rows = { total_rows: 150, memory_usage_mb: expect.any(Number), is_final: false }
    expect(chunks).toEqual([
      { processed_rows: 60, progress_percent: 40, ...rows },
      { processed_rows: 120, progress_percent: 80, ...rows },
      { processed_rows: 150, progress_percent: 100, ...rows },
      { is_final: true, final_stats: { total_rows: 150, processed: 150, errors: 0, skipped: 0 } },
    ])
  })

  test("a log that is searched", async () => {
    const log_path = join(await folder(), "app.log")
    writeFileSync(log_path, "all is well\nERROR: no disk\nFATAL: OutOfMemoryError\n")
    const pit = await seed("tail_and_analyze:LogAdapter")
    const chunks = await chunksOf(pit, "tail_and_analyze", { log_path, patterns: ["ERROR", "OutOf\\w+"] })
    const when = { timestamp: "2025-01-20T15:30:45", is_final: false }
    expect(chunks).toEqual([
      { line_number: 1, log_line: "ERROR: no disk", pattern_matched: "ERROR", severity: "ERROR", ...when },
      {
        line_number: 2,
        log_line: "FATAL: OutOfMemoryError",
        pattern_matched: "OutOf\\w+",
        severity: "FATAL",
        ...when,
      },
      { is_final: true, message: "Log analysis complete" },
    ])
  })

  test("training by epochs", async () => {
    const pit = await seed("distributed_training:TrainingAdapter")
    const chunks = await chunksOf(pit, "distributed_training", {
      model_config: { layers: 12 },
      training_config: { epochs: 2 },
      dataset_path: iris,
    })
    expect(chunks).toMatchObject([
      { epoch: 1, total_epochs: 2, train_loss: 2.48, learning_rate: 0.00095, is_final: false },
      { epoch: 2, total_epochs: 2, val_acc: 0.164, is_final: false },
      { final_model_path: "/models/model_epoch_2.pkl", best_val_accuracy: 0.164, is_final: true },
    ])
  })

  test("data science in a session, with variables", async () => {
    const pit = await seed("data_science_adapter:DataScienceAdapter")
    const session = pit.session("science")
    const columns = ["150", "4", "setosa", "versicolor", "virginica"]
    expect(await session.execute("load_data", { file_path: iris })).toEqual({
      rows: 150,
      columns: 5,
      column_names: columns,
      dtypes: { 150: "float64", 4: "float64", setosa: "float64", versicolor: "float64", virginica: "int64" },
    })
    expect(await session.variables.get("data_shape")).toMatchObject({ type: "list", value: [150, 5] })
    expect(await session.variables.get("columns")).toMatchObject({ value: columns })
    const data = Array.from({ length: 10 }, (_, row) => ({ x: row, y: 2 * row + 1, label: row % 2 }))
    expect(await session.execute("preprocess", { data, target: "label" })).toEqual({
      train_size: 8,
      test_size: 2,
      feature_means: [4.5, 10],
      feature_stds: [expect.closeTo(2.872, 3), expect.closeTo(5.745, 3)],
    })
    for (const model_type of ["linear_regression", "random_forest"]) {
      const model_id = `science_${model_type}`
      expect(await session.execute("train_model", { model_type })).toEqual({
        model_id,
        model_type,
        training_complete: true,
      })
      expect(await session.variables.get("current_model")).toMatchObject({ value: model_id })
    }
    await expect(session.execute("train_model", { model_type: "oracle" })).rejects.toThrow(
      "Unknown model type: oracle",
    )
  })

  test("embeddings that are kept as a variable", async () => {
    const pit = await seed("process_embeddings:MLAdapter")
    const session = pit.session("embeddings")
    expect(await session.execute("process_embeddings", { batch_size: 32 })).toEqual({ shape: [32, 512] })
    const { type, value } = await session.variables.get("batch_embeddings")
    expect({ type, value }).toMatchObject({ type: "embedding", value: { shape: [32, 512] } })
  })
})

test("the training of the guides runs, with a network that is built here", async () => {
  const pit = await start("", {}, { adapter: python() })
  const path = await folder()
  const rows = Array.from(
    { length: 40 },
    (_, index) => `${index % 2},${index % 5},${index % 2 ? "odd" : "even"}`,
  )
  writeFileSync(join(path, "part.csv"), ["a,b,label", ...rows].join("\n"))
  const chunks = await chunksOf(pit, "distributed_training", {
    model_config: { architecture: "transformer", layers: 24, hidden_size: 1024 },
    training_config: { epochs: 100, batch_size: 32, learning_rate: 0.001 },
    dataset_path: path,
  })
  const end = chunks.at(-1)
  onTestFinished(() => rm(String(end?.final_model_path)))
  expect(chunks).toHaveLength(101)
  expect(end).toMatchObject({ is_final: true, total_epochs: 100, best_val_accuracy: 1 })
})

test("none of them is left out", () => {
  const files = readdirSync(seeds).filter((file) => file.endsWith(".py"))
  expect([...used].sort()).toEqual(files.map((file) => file.replace(".py", "")).sort())
})
