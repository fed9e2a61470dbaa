/** What a ratio of two contestants should be. Exactly one of the bounds is set. */
export interface Target {
  readonly scenario: string
  readonly metric: string
  readonly subject: string
  readonly baseline: string
  readonly atLeast?: number
  readonly atMost?: number
}

const json = "snakepit-json"
const stdlib = "snakepit-stdlib"
const msgpack = "snakepit-msgpack"
const grpc = "snakepit-grpc"
const fork = "snakepit-fork"
const spawn = "snakepit-spawn"

/** A ratio is always the subject's number divided by the baseline's. */
export const targets: readonly Target[] = [
  { scenario: "latency", metric: "p50", subject: json, baseline: "raw-pipe", atMost: 1.5 },
  { scenario: "throughput", metric: "rate", subject: json, baseline: "raw-pipe", atLeast: 0.5 },
  { scenario: "throughput", metric: "rate", subject: json, baseline: "python-shell", atLeast: 1.5 },
  { scenario: "throughput", metric: "rate", subject: json, baseline: "pythonia", atLeast: 2 },
  { scenario: "throughput", metric: "rate", subject: json, baseline: "fastapi", atLeast: 20 },
  { scenario: "throughput", metric: "rate", subject: stdlib, baseline: "raw-pipe", atLeast: 0.25 },
  { scenario: "throughput", metric: "rate", subject: grpc, baseline: "grpc-unary", atLeast: 20 },
  { scenario: "stream", metric: "rate", subject: json, baseline: "raw-pipe", atLeast: 1 },
  { scenario: "stream", metric: "rate", subject: json, baseline: "python-shell", atLeast: 2 },
  { scenario: "stream", metric: "first", subject: json, baseline: "raw-pipe", atMost: 2 },
  { scenario: "bytes-1mb", metric: "rate", subject: json, baseline: "raw-pipe", atLeast: 0.8 },
  { scenario: "bytes-10mb", metric: "rate", subject: json, baseline: "raw-pipe", atLeast: 0.8 },
  { scenario: "bytes-10mb", metric: "rate", subject: msgpack, baseline: "raw-pipe", atLeast: 0.5 },
  { scenario: "bytes-10mb", metric: "rate", subject: grpc, baseline: "raw-pipe", atLeast: 0.3 },
  { scenario: "crowd-100", metric: "memory", subject: fork, baseline: spawn, atMost: 1 / 6 },
  { scenario: "crowd-100", metric: "time", subject: fork, baseline: spawn, atMost: 1 / 10 },
]
