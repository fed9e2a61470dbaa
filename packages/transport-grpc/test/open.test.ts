import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer as createHttp2Server } from "node:http2"
import { createServer, type Server, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Duplex } from "node:stream"
import { fileURLToPath } from "node:url"
import { defaultLimits, type FrameChannel, type Hello, ProtocolViolation } from "@snakepit/core/transport"
import { describe, expect, onTestFinished, test } from "vitest"
import { parseAddress } from "../src/address.js"
import { type GrpcOptions, grpc } from "../src/index.js"

const hello: Hello = {
  transport: "grpc",
  address: null,
  token: "secret",
  pid: null,
  runtime: null,
  bridge: null,
  features: new Set(),
  concurrency: 1,
  tools: null,
  skipped: [],
}

function open(
  more: Partial<Hello>,
  { signal = new AbortController().signal, ...options }: GrpcOptions & { readonly signal?: AbortSignal } = {},
): Promise<FrameChannel> {
  const stream = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  // Any file will do for a ledger that nobody looks into.
  stream.push(`${JSON.stringify(fileURLToPath(import.meta.url))}\n`)
  return grpc({ connectTimeout: 30_000, ...options }).open({
    stream,
    hello: { ...hello, ...more },
    limits: defaultLimits,
    signal,
  })
}

/** Listens until the test is over. @returns the address, and the connections that were made. */
async function listen(server: Server): Promise<{ address: string; connections: Socket[] }> {
  const folder = await mkdtemp(join(tmpdir(), "snakepit-test-"))
  const path = join(folder, "socket")
  const connections: Socket[] = []
  server.on("connection", (socket: Socket) => void connections.push(socket.on("error", () => {})))
  server.listen(path)
  await once(server, "listening")
  onTestFinished(async () => {
    for (const socket of connections) socket.destroy()
    server.close()
    await rm(folder, { recursive: true })
  })
  return { address: `unix:${path}`, connections }
}

const silent = (): Server => createServer(() => {})
/** Speaks HTTP/2, and leaves every request unanswered. */
const undecided = (): Server => createHttp2Server().on("stream", (stream) => stream.on("error", () => {}))

describe.each([
  ["never says a word", silent],
  ["never answers the RPC", undecided],
])("a server that %s", (_, server) => {
  test("is given up after connectTimeout, and the connection is closed", async () => {
    const { address, connections } = await listen(server())
    const opening = open({ address }, { connectTimeout: 100 })
    await expect(opening).rejects.toThrow(
      `gRPC at ${address} could not be opened: no answer after 100 ms (connectTimeout)`,
    )
    const [socket] = connections
    if (socket?.destroyed === false) await new Promise((resolve) => socket.resume().once("close", resolve))
  })

  test("is given up when the start is", async () => {
    const { address } = await listen(server())
    const abort = new AbortController()
    const opening = open({ address }, { signal: abort.signal })
    abort.abort(new Error("given up"))
    await expect(opening).rejects.toThrow("given up")
  })
})

test("keepalive asks a silent worker whether it is there", async () => {
  const server = createHttp2Server().on("stream", (stream) => {
    stream.on("error", () => {})
    stream.respond({ ":status": 200, "content-type": "application/grpc" })
  })
  const asked = new Promise((resolve) => server.on("session", (session) => session.on("ping", resolve)))
  const { address } = await listen(server)
  const channel = await open({ address }, { keepalive: { interval: 20, timeout: 20_000 } })
  channel.onFrames(() => {})
  await asked
  channel.close()
})

test("an address where nobody listens is named", async () => {
  await expect(open({ address: "unix:/nonexistent/socket" })).rejects.toThrow(
    /gRPC at unix:\/nonexistent\/socket could not be opened: .*ENOENT/,
  )
})

test.each<[string, Partial<Hello>]>([
  ["without an address", {}],
  ["without a token", { address: "unix:/x", token: null }],
  ["with an address of another kind", { address: "http://127.0.0.1:80" }],
])("a hello %s breaks the protocol", async (_, fields) => {
  await expect(open(fields)).rejects.toThrow(ProtocolViolation)
})

test.each(["unix:/tmp/a b", "unix:relative", "tcp:127.0.0.1:1", "tcp:worker.example:65535", "tcp:::1:80"])(
  "%s is an address",
  (text) => {
    expect(parseAddress(text).text).toBe(text)
  },
)

test.each([
  "",
  "unix:",
  "tcp:",
  "tcp:127.0.0.1",
  "tcp:127.0.0.1:0",
  "tcp:127.0.0.1:65536",
  "tcp::80",
  "fd:3",
])("%j is none", (text) => {
  expect(() => parseAddress(text)).toThrow(ProtocolViolation)
})
