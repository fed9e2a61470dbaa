import { execFileSync } from "node:child_process"
import { dirname, join } from "node:path"
import { Snakepit, Tensor } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { collect, config, errorOf, folder, interpreter } from "./helpers.js"
import { file, streamed } from "./showcase.js"

let pit: Snakepit
let images: string
beforeAll(async () => {
  pit = await Snakepit.start(config("", { size: 2 }, { adapter: python() }))
  const find = "import importlib.util as u; print(u.find_spec('sklearn').origin)"
  const sklearn = execFileSync(await interpreter(), ["-c", find], { encoding: "utf8" })
  images = join(dirname(sklearn), "datasets", "images")
})
afterAll(() => pit.close())

const number = expect.any(Number)
const text = expect.any(String)

describe("a tool answers:", () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ["ping", { test: true }, { status: "pong", timestamp: number }],
    ["echo", { message: "hello", nested: [1, { a: null }] }, { message: "hello", nested: [1, { a: null }] }],
    ["add", { a: 5, b: 3 }, { result: 8 }],
    ["adapter_info", {}, { name: "ShowcaseAdapter", version: text, capabilities: expect.any(Array) }],
    ["process_text", { text: "hello" }, { result: "HELLO", operation: "upper", success: true }],
    ["compute", { value: 7 }, { result: 49 }],
    ["compute", { operation: "multiply", a: 7, b: 6 }, { result: 42 }],
    [
      "process_binary",
      { data: Uint8Array.of(1, 2), operation: "reverse" },
      { result: Uint8Array.of(2, 1), operation: "reverse", size: 2 },
    ],
  ])("%s(%o)", async (tool, args, expected) => {
    expect(await pit.execute(tool, args)).toEqual(expected)
  })

  test("info and get_stats, about the process", async () => {
    const pids = pit.workers().map((worker) => worker.pid)
    const info = await pit.execute<{ pid: number }>("info")
    expect(info).toMatchObject({ adapter: "ShowcaseAdapter", python_version: text, platform: text })
    expect(pids).toContain(info.pid)
    expect(await pit.execute("get_stats")).toMatchObject({
      adapter: { name: "ShowcaseAdapter", uptime_seconds: number },
      system: { pid: number, cpu_count: number },
    })
  })

  test("concurrent_demo", async () => {
    const done = await pit.execute("concurrent_demo", { task_count: 3 })
    const results = [0, 1, 2].map((task) => ({ task, checksum: text }))
    expect(done).toEqual({ task_count: 3, results, elapsed_ms: number })
  })

  test("call_elixir_demo, by way of the host", async () => {
    pit.tools.register("parse_json", ({ json }) => JSON.parse(String(json)))
    const called = await pit.execute("call_elixir_demo", { tool_name: "parse_json", json: '{"a":1}' })
    expect(called).toEqual({ tool: "parse_json", result: { a: 1 }, success: true })
  })

  test("ml_analyze_text", async () => {
    const analyzed = await pit.execute("ml_analyze_text", {
      text: "I love this library. The library is fast!",
    })
    expect(analyzed).toMatchObject({
      sentiment: { label: "positive", compound: number, positive: number, neutral: number, negative: number },
      keywords: expect.arrayContaining([{ term: "library", score: number }]),
      readability: { flesch_reading_ease: number, flesch_kincaid_grade: number },
      counts: { words: 8, sentences: 2 },
    })
  })

  test("generate_embeddings, as a tensor", async () => {
    const args = { texts: ["a cat sat", "the cat sits", "stocks fell"], dimensions: 64, model: "hashing" }
    const embeddings = await pit.execute<Tensor<"float32">>("generate_embeddings", args)
    expect(embeddings).toBeInstanceOf(Tensor)
    expect(embeddings).toMatchObject({ dtype: "float32", shape: [3, 64] })
    expect(embeddings.data.slice(0, 64).reduce((sum, part) => sum + part * part, 0)).toBeCloseTo(1, 5)
  })

  test("process_images, with pixels when asked", async () => {
    const path = join(images, "china.jpg")
    const facts = { image: path, width: 640, height: 427, mode: "RGB", format: "JPEG" }
    const plain = await pit.execute<{ results: object[] }>("process_images", { images: [path] })
    expect(plain).toMatchObject({
      processed: 1,
      results: [{ ...facts, perceptual_hash: expect.stringMatching(/^[0-9a-f]{16}$/) }],
    })
    expect(plain.results[0]).not.toHaveProperty("tensor")
    const full = await pit.execute("process_images", { images: [path], return_tensors: true })
    expect(full).toMatchObject({ results: [{ tensor: { dtype: "uint8", shape: [427, 640, 3] } }] })
  })

  test("with an error that says what to do", async () => {
    const error = await errorOf(pit.execute("process_images", { images: [] }))
    expect(error).toMatchObject({ _tag: "ToolError", type: "ValueError" })
    expect(error.message).toContain("give at least one path")
  })
})

describe("in a session", () => {
  test("a tensor is kept as a variable, and read as the guide does it", async () => {
    await using session = pit.session()
    const made = await session.execute("create_tensor", { shape: [100, 100], fill_value: 0.5 })
    const facts = {
      name: "large_tensor",
      shape: [100, 100],
      dtype: "float64",
      size_bytes: 80_000,
      stored: true,
    }
    expect(made).toEqual(facts)
    const tensor = await session.execute<Tensor<"float64">>("get_variable", { name: "large_tensor" })
    expect(tensor).toMatchObject({ dtype: "float64", shape: [100, 100] })
    expect(new Set(tensor.data)).toEqual(new Set([0.5]))
    expect(await session.variables.get("large_tensor")).toMatchObject({ type: "tensor", value: tensor })
  })

  test("a tensor is given where it cannot be kept, or is asked for", async () => {
    const tensor = new Tensor("float64", [2], Float64Array.of(1.5, 1.5))
    const args = { shape: [2], name: "pair", fill_value: 1.5 }
    expect(await pit.execute("create_tensor", args)).toMatchObject({ stored: false, tensor })
    await using session = pit.session()
    const given = await session.execute("create_tensor", { ...args, return_tensor: true })
    expect(given).toMatchObject({ name: "pair", stored: true, tensor })
    expect(await errorOf(pit.execute("get_variable", { name: "pair" }))).toMatchObject({
      _tag: "ToolError",
    })
  })

  test("a program is made and run, on any worker", async () => {
    await using session = pit.session()
    const examples = [
      { text: "sunny and warm", label: "good" },
      { text: "rain and cold", label: "bad" },
    ]
    const program = await session.programs.create({ signature: "text -> label", examples })
    const expected = {
      program_id: program.program_id,
      output: { label: "good" },
      confidence: number,
      alternatives: { good: number, bad: number },
    }
    const { program_id: id } = program
    expect(await session.programs.execute(id, { text: "so warm" })).toEqual(expected)
    await using other = pit.session()
    const args = { program_id: id, input: { text: "so warm" } }
    expect(await errorOf(other.execute("execute_program", args))).toMatchObject({ type: "ValueError" })
    expect(await other.execute("execute_program", { ...args, program })).toEqual(expected)
  })
})

describe("a tool streams:", () => {
  test("ping_stream, stream_data and stream_progress", async () => {
    const pings = await collect(pit.stream("ping_stream", { count: 2 }))
    expect(pings.map((chunk) => chunk.data)).toMatchObject([{ count: 1 }, { count: 2, message: text }, null])
    const counted = await streamed(pit, "stream_data", { count: 3, delay: 0 })
    expect([...counted.data, counted.end]).toMatchObject([{ index: 0 }, { index: 1 }, { index: 2, total: 3 }])
    const { end } = await streamed(pit, "stream_progress", { steps: 2 })
    expect(end).toEqual({ step: 2, total: 2, progress: 100, message: "Processing step 2/2" })
  })

  test("batch_inference, with what cannot be read in its place", async () => {
    // A zero as the model's data has them: 8 × 8, ink from 0 to 16.
    const zero = [
      [0, 0, 5, 13, 9, 1, 0, 0],
      [0, 0, 13, 15, 10, 15, 5, 0],
      [0, 3, 15, 2, 0, 11, 8, 0],
      [0, 4, 12, 0, 0, 8, 8, 0],
      [0, 5, 8, 0, 0, 9, 8, 0],
      [0, 4, 11, 0, 1, 12, 7, 0],
      [0, 2, 14, 5, 10, 12, 0, 0],
      [0, 0, 6, 13, 10, 0, 0, 0],
    ]
    const flower = join(images, "flower.jpg")
    const { data, end } = await streamed(pit, "batch_inference", {
      items: [zero.flat(), flower, "/nothing.png"],
    })
    const total = 3
    expect(data).toEqual([
      { item: 0, index: 0, prediction: 0, confidence: number, progress: 1, total },
      { item: flower, index: 1, prediction: number, confidence: number, progress: 2, total },
      { item: "/nothing.png", index: 2, error: expect.stringContaining("No such file"), progress: 3, total },
    ])
    const message = "Processed 2 of 3 items successfully"
    expect(end).toEqual({ total_processed: 3, errors: 1, message })
    expect((await streamed(pit, "batch_inference", { batch_items: [zero] })).data).toMatchObject([
      { prediction: 0 },
    ])
    const named = await streamed(pit, "batch_inference", { images: [flower] })
    expect(named.data).toMatchObject([{ image: flower, item: flower }])
  })

  test("distributed_training, whose model batch_inference takes", async () => {
    const model = join(await folder(), "model.npz")
    const { data, end } = await streamed(pit, "distributed_training", {
      model_config: { layers: 1, hidden_size: 16 },
      training_config: { epochs: 30, batch_size: 16, learning_rate: 0.02, model_path: model },
      dataset_path: "iris",
    })
    expect(data).toHaveLength(30)
    const losses = { train_loss: number, val_loss: number, train_acc: number, val_acc: number }
    expect(data[0]).toEqual({ epoch: 1, total_epochs: 30, ...losses, learning_rate: 0.02 })
    expect(Number(data.at(-1)?.train_loss)).toBeLessThan(Number(data[0]?.train_loss))
    const best = Math.max(...data.map((chunk) => Number(chunk?.val_acc)))
    const message = "Training complete"
    expect(end).toEqual({ final_model_path: model, best_val_accuracy: best, total_epochs: 30, message })
    expect(best).toBeGreaterThan(0.85)
    const setosa = { items: [[5.1, 3.5, 1.4, 0.2]], model_path: model }
    expect((await streamed(pit, "batch_inference", setosa)).data).toMatchObject([{ item: 0, prediction: 0 }])
  })

  test("process_large_dataset", async () => {
    const rows = Array.from({ length: 25 }, (_, index) => `row ${index},"$1,${100 + index}.50",${index}`)
    const path = await file("sales.csv", ["name,price,amount", ...rows, "incomplete,,1"].join("\n"))
    const operations = ["clean", "transform", "aggregate"]
    const { data, end } = await streamed(pit, "process_large_dataset", {
      file_path: path,
      chunk_size: 10,
      operations,
    })
    const sizes = { total_rows: 26, memory_usage_mb: number }
    expect(data).toEqual([
      { ...sizes, processed_rows: 10, progress_percent: (100 * 10) / 26 },
      { ...sizes, processed_rows: 20, progress_percent: (100 * 20) / 26 },
      { ...sizes, processed_rows: 26, progress_percent: 100 },
    ])
    expect(end).toMatchObject({
      final_stats: {
        total_rows: 26,
        processed: 25,
        skipped: 1,
        errors: 0,
        aggregates: { price: { count: 25, mean: 1112.5, min: 1100.5, max: 1124.5 }, amount: { mean: 12 } },
      },
    })
  })

  test("realtime_stock_analysis", async () => {
    const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10)
    const rows = Array.from({ length: 60 }, (_, index) => [
      `UP,${day(index)},${100 + index},1000`,
      `DOWN,${day(index)},${200 - index},${index === 59 ? 5000 : 1000}`,
    ])
    const path = await file("prices.csv", ["symbol,date,price,volume", ...rows.flat()].join("\n"))
    const { data, end } = await streamed(pit, "realtime_stock_analysis", {
      symbols: ["UP", "DOWN"],
      indicators: ["RSI", "MACD", "SMA_20", "SMA_50"],
      alert_thresholds: { rsi_oversold: 30, rsi_overbought: 70, volume_spike: 2.0 },
      prices_path: path,
    })
    expect(data).toHaveLength(120)
    const none = { rsi: null, macd: null, sma_20: null, sma_50: null, trading_signal: "HOLD", alerts: [] }
    expect(data[0]).toMatchObject({ symbol: "UP", date: "2026-01-01", price: 100, volume: 1000, ...none })
    expect(data.at(-2)).toMatchObject({ rsi: 100, sma_20: 149.5, sma_50: 134.5, trading_signal: "SELL" })
    const alerts = ["rsi_oversold", "volume_spike"]
    expect(data.at(-1)).toMatchObject({ symbol: "DOWN", rsi: 0, trading_signal: "BUY", alerts })
    // A steady rise lags behind by half of both periods: (26 - 12) / 2.
    expect(data.at(-2)).toMatchObject({ macd: expect.closeTo(7, 6), macd_signal: expect.closeTo(7, 6) })
    expect(end).toMatchObject({ symbols: ["UP", "DOWN"], prices: 120, message: "Market session ended" })
  })
})
