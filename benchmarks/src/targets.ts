import type { Bounds } from "./comparison.js"

/** What a contestant's number should be, divided by another's or as it is. Exactly one of the bounds is set. */
export interface Target extends Bounds {
  readonly scenario: string
  readonly metric: string
  readonly subject: string
  readonly baseline?: string
  /** Of the bound, where there is no baseline: the metric's own. */
  readonly unit?: string
}

/** Targets that are one promise: kept when each of them is met. */
export interface Goal {
  readonly name: string
  readonly targets: readonly Target[]
}

const json = "snakepit-json"
const msgpack = "snakepit-msgpack"
const grpc = "snakepit-grpc"
const raw = "raw-pipe"

const throughput = { scenario: "throughput", metric: "rate", subject: json }
const stream = { scenario: "stream", metric: "rate", subject: json }
const forked = { metric: "time", subject: "snakepit-fork" }

const payloads = ["bytes", "tensors"].flatMap((kind) =>
  ["1mb", "10mb", "100mb"].map((size) => `${kind}-${size}`),
)

/** Both kinds of binary data, in every size. */
const carried = (subjects: readonly string[], atLeast: number): readonly Target[] =>
  subjects.flatMap((subject) =>
    payloads.map((scenario) => ({ scenario, metric: "rate", subject, baseline: raw, atLeast })),
  )

const flat = (metric: string): readonly Target[] =>
  [json, msgpack, grpc].map((subject) => ({
    scenario: "slow-consumer",
    metric,
    subject,
    atMost: 1,
    unit: "MB/100k chunks",
  }))

const goal = (name: string, ...targets: readonly Target[]): Goal => ({ name, targets })

/** What Snakepit is meant to reach, in the order of the report. */
export const goals: readonly Goal[] = [
  goal("tiny call, 64 in flight, 1 worker", { ...throughput, baseline: raw, atLeast: 0.5 }),
  goal("tiny call, 64 in flight, 1 worker", { ...throughput, baseline: "python-shell", atLeast: 1.5 }),
  goal("tiny call, 64 in flight, 1 worker", { ...throughput, baseline: "pythonia", atLeast: 2 }),
  goal("tiny call, 64 in flight, 1 worker", { ...throughput, baseline: "fastapi", atLeast: 20 }),
  goal("tiny call without orjson, 64 in flight", {
    ...throughput,
    subject: "snakepit-stdlib",
    baseline: raw,
    atLeast: 0.25,
  }),
  goal("tiny call, one at a time, p50", {
    scenario: "latency",
    metric: "p50",
    subject: json,
    baseline: raw,
    atMost: 1.5,
  }),
  goal("tiny call over gRPC, 64 in flight", {
    ...throughput,
    subject: grpc,
    baseline: "grpc-unary",
    atLeast: 20,
  }),
  goal("session call", {
    scenario: "session",
    metric: "rate",
    subject: "snakepit-session",
    baseline: json,
    atLeast: 0.9,
  }),
  goal("stream of small chunks", { ...stream, baseline: raw, atLeast: 1 }),
  goal("stream of small chunks", { ...stream, baseline: "python-shell", atLeast: 2 }),
  goal("stream of small chunks", { ...stream, metric: "first", baseline: raw, atMost: 2 }),
  goal("bytes and tensors, 1–100 MB, JSON and MessagePack", ...carried([json, msgpack], 0.8)),
  goal("bytes and tensors, 1–100 MB, gRPC", ...carried([grpc], 0.4)),
  goal(
    "bytes and tensors of 100 MB in shared memory",
    ...carried(["snakepit-shared"], 3).filter(({ scenario }) => scenario.endsWith("-100mb")),
  ),
  goal("100 workers ready, NumPy preloaded", { ...forked, scenario: "crowd-100", atMost: 250, unit: "ms" }),
  goal("250 workers ready, NumPy preloaded", { ...forked, scenario: "crowd-250", atMost: 600, unit: "ms" }),
  goal("100 workers ready, beside spawned ones", {
    ...forked,
    scenario: "crowd-100",
    baseline: "snakepit-spawn",
    atMost: 1 / 20,
  }),
  goal("memory of 100 workers with NumPy", {
    ...forked,
    scenario: "crowd-100",
    metric: "memory",
    baseline: "snakepit-spawn",
    atMost: 1 / 8,
  }),
  goal("1 → 2 workers on 2 cores, a tool that computes", {
    scenario: "cores",
    metric: "rate",
    subject: "snakepit-2-workers",
    baseline: "snakepit-1-worker",
    atLeast: 1.8,
  }),
  goal("slow consumer of a million chunks: memory of the host", ...flat("hostSlope")),
  goal("slow consumer of a million chunks: memory of the worker", ...flat("workerSlope")),
  goal("thread profile, 16 × sleep(0.5) on 16 threads", {
    scenario: "threads",
    metric: "time",
    subject: "snakepit-threads",
    atMost: 700,
    unit: "ms",
  }),
]
