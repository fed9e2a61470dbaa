import { expect, test } from "vitest"
import { type GrpcOptions, grpc } from "../src/index.js"
import { settingsOf } from "../src/options.js"

const forWorker = (options: GrpcOptions): unknown => JSON.parse(settingsOf(options, "linux").forWorker)

test("workers listen on a unix socket by default", () => {
  expect(forWorker({})).toEqual({ listen: "unix", maxMessageBytes: 4 * 1024 * 1024 })
  expect(settingsOf({}, "linux")).toMatchObject({ connectTimeout: 5000, keepalive: undefined })
})

test("where there are none, or a port is named, they listen on a port", () => {
  expect(JSON.parse(settingsOf({}, "win32").forWorker)).toMatchObject({
    listen: "tcp",
    port: 0,
    portRange: 1,
  })
  expect(forWorker({ port: 50051, portRange: 100 })).toMatchObject({
    listen: "tcp",
    port: 50051,
    portRange: 100,
  })
  expect(forWorker({ listen: "tcp" })).toMatchObject({ listen: "tcp", port: 0, portRange: 1 })
})

test("what a worker must know is in its environment", () => {
  const keepalive = { interval: 1000, timeout: 200 }
  const environment = grpc({ listen: "tcp", maxMessageBytes: 2 ** 20, keepalive }).environment?.({
    maxFrameBytes: 1,
    maxAttachmentBytes: 1,
    maxDepth: 1,
    maxInFlight: 1,
  })
  expect(Object.keys(environment ?? {})).toEqual(["SNAKEPIT_GRPC"])
  expect(JSON.parse(environment?.SNAKEPIT_GRPC ?? "")).toEqual({
    listen: "tcp",
    port: 0,
    portRange: 1,
    maxMessageBytes: 2 ** 20,
    keepalive,
  })
})

test.each<[string, unknown, RegExp]>([
  ["listen", { listen: "pipe" }, /must be "unix" or "tcp", not pipe/],
  ["port", { port: -1 }, /from 0 to 65535, not -1/],
  ["port", { port: 1.5 }, /an integer/],
  ["port", { port: "50051" }, /an integer/],
  ["port", { port: 65_536 }, /65535/],
  ["port", { port: 80, listen: "unix" }, /of no use with listen: "unix"/],
  ["portRange", { portRange: 2 }, /of no use without a port/],
  ["portRange", { listen: "tcp", portRange: 2 }, /of no use without a port/],
  ["portRange", { port: 65_535, portRange: 2 }, /from 1 to 1, not 2/],
  ["portRange", { port: 1000, portRange: 0 }, /from 1 to/],
  ["connectTimeout", { connectTimeout: 0 }, /from 1/],
  ["connectTimeout", { connectTimeout: Number.NaN }, /an integer/],
  ["connectTimeout", { connectTimeout: Number.POSITIVE_INFINITY }, /an integer/],
  ["maxMessageBytes", { maxMessageBytes: 2 ** 20 - 1 }, /from 1048576/],
  ["maxMessageBytes", { maxMessageBytes: 2 ** 31 }, /to 2147483647/],
  ["keepalive", { keepalive: true }, /must be \{ interval, timeout \} or false, not true/],
  ["keepalive.interval", { keepalive: { interval: 0, timeout: 1 } }, /from 1/],
  ["keepalive.timeout", { keepalive: { interval: 1 } }, /not undefined/],
])("%s is refused when it cannot be used: %j", (name, options, why) => {
  const make = () => grpc(options as GrpcOptions)
  expect(make).toThrow(RangeError)
  expect(make).toThrow(new RegExp(`^grpc: ${name.replace(".", "\\.")} `))
  expect(make).toThrow(why)
})
