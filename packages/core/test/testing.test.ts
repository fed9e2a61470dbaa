import { duplexPair } from "node:stream"
import { describe, expect, onTestFinished, test } from "vitest"
import { type LogRecord, Snakepit, type SnakepitConfig } from "../src/index.js"
import { MemoryLink } from "../src/testing/memory.js"
import { inProcess, launchWorker, memory, StreamChunk, type ToolContext } from "../src/testing.js"
import {
  type CloseReason,
  defaultLimits,
  type Frame,
  type FrameChannel,
  type Hello,
  InvalidValue,
  type Limits,
  parseHello,
} from "../src/transport/index.js"

const hello: Hello = {
  transport: "memory",
  address: null,
  pid: null,
  runtime: null,
  bridge: null,
  features: new Set(["attachments"]),
  concurrency: 1,
  tools: null,
  skipped: [],
}

interface Ends {
  readonly host: FrameChannel
  readonly worker: FrameChannel
}

/** Both ends of a connection. */
async function ends(limits: Limits = defaultLimits, features = hello.features): Promise<Ends> {
  const [hostStream, workerStream] = duplexPair({ allowHalfOpen: false })
  const link = new MemoryLink()
  const io = { stream: hostStream, hello: { ...hello, features, address: link.address }, limits }
  const host = await memory().open({ ...io, signal: new AbortController().signal })
  return { host, worker: link.workerEnd(workerStream, defaultLimits) }
}

/** The batches that arrive, and a way to wait for the end. */
function listen(channel: FrameChannel): { batches: (readonly Frame[])[]; closed: Promise<CloseReason> } {
  const batches: (readonly Frame[])[] = []
  channel.onFrames((batch) => void batches.push(batch))
  return { batches, closed: new Promise((resolve) => channel.onClosed(resolve)) }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const ping = (nonce: number): Frame => ({ type: "ping", nonce })
const result = (value: unknown): Frame => ({ type: "result", id: 1, value })

describe("the transport memory", () => {
  test("delivers what was sent in one tick as one batch, also to one who listens later", async () => {
    const { host, worker } = await ends()
    host.send(ping(1))
    host.send(ping(2))
    await turn()
    const { batches } = listen(worker)
    await turn()
    host.send(ping(3))
    expect(batches).toHaveLength(1)
    await turn()
    expect(batches).toEqual([[ping(1), ping(2)], [ping(3)]])
  })

  test("copies values as a socket would, and tells the size of a chunk", async () => {
    const { host, worker } = await ends()
    const { batches } = listen(host)
    const bytes = new Uint8Array([1, 2, 3])
    const rows = [{ bytes }]
    const size = worker.send({ type: "chunk", id: 1, seq: 0, value: rows })
    bytes[0] = 9
    rows.push({ bytes })
    await turn()
    const value = [{ bytes: new Uint8Array([1, 2, 3]) }]
    expect(batches).toEqual([[{ type: "chunk", id: 1, seq: 0, value, size }]])
  })

  test("writes binary data into the line for a worker that reads no attachments", async () => {
    const { host, worker } = await ends(defaultLimits, new Set())
    const { batches } = listen(worker)
    const value = new Uint8Array(300)
    expect(host.send(result(value))).toBeGreaterThan(400)
    await turn()
    expect(batches).toEqual([[result(value)]])
  })

  test("ignores frames that may be ignored, and ends at a frame that may not be", async () => {
    const { host, worker } = await ends()
    const { batches, closed } = listen(worker)
    const wrong = ["x-future", "future"].map((type) => ({ type, nonce: 1 }) as unknown as Frame)
    for (const frame of [ping(1), ...wrong, ping(2)]) host.send(frame)
    expect(await closed).toMatchObject({ kind: "protocol", message: expect.stringContaining("future") })
    expect(batches).toEqual([[ping(1)]])
  })

  test("refuses to send what is beyond a limit, and to receive it", async () => {
    const { host, worker } = await ends({ ...defaultLimits, maxFrameBytes: 1024, maxAttachmentBytes: 10 })
    expect(() => host.send(result("x".repeat(1024)))).toThrow(InvalidValue)
    expect(() => host.send(result(new Uint8Array(11)))).toThrow(InvalidValue)
    const { closed } = listen(host)
    worker.send(result("x".repeat(1024)))
    expect(await closed).toMatchObject({ kind: "protocol", message: expect.stringContaining("1024") })
  })

  test("says when it is congested and when it is not any more", async () => {
    const { host, worker } = await ends()
    listen(worker)
    let relieved = 0
    host.onWritable(() => {
      relieved += 1
    })
    host.send(result(new Uint8Array(1000)))
    expect(host.writable).toBe(true)
    host.send(result(new Uint8Array(2_000_000)))
    expect(host.writable).toBe(false)
    await turn()
    expect([host.writable, relieved]).toEqual([true, 1])
    host.send(ping(1))
    await turn()
    expect(relieved).toBe(1)
  })

  test.each([
    ["host", "worker"],
    ["worker", "host"],
  ] as const)("closes for both when the %s does, after the last frame", async (closer, other) => {
    const both = await ends()
    const own = listen(both[closer])
    const peer = listen(both[other])
    both[closer].send(ping(1))
    both[closer].close()
    both[closer].send(ping(2))
    both[closer].close()
    both[other].send(ping(3))
    expect(await own.closed).toEqual({ kind: "closed" })
    expect(await peer.closed).toEqual({ kind: "eof" })
    expect(peer.batches).toEqual([[ping(1)]])
    expect(own.batches).toEqual([])
    expect(await listen(both[closer]).closed).toEqual({ kind: "closed" })
  })

  test("ends with the private channel, after what was sent before", async () => {
    const [hostStream, workerStream] = duplexPair({ allowHalfOpen: false })
    const link = new MemoryLink()
    const host = link.hostEnd(hostStream, defaultLimits, true)
    const { batches, closed } = listen(host)
    link.workerEnd(workerStream, defaultLimits).send(ping(1))
    workerStream.end()
    expect(await closed).toEqual({ kind: "eof" })
    expect(batches).toEqual([[ping(1)]])
  })

  test("reaches each worker once, and only workers inside this process", async () => {
    const [stream] = duplexPair()
    const link = new MemoryLink()
    const open = (address: string | null): Promise<FrameChannel> => {
      const { signal } = new AbortController()
      return memory().open({ stream, hello: { ...hello, address }, limits: defaultLimits, signal })
    }
    await expect(open(null)).rejects.toThrow("inProcess()")
    await expect(open("memory:0")).rejects.toThrow("memory:0")
    await open(link.address)
    await expect(open(link.address)).rejects.toThrow(link.address)
  })
})

type Tools = Parameters<typeof inProcess>[0]["tools"]

/** A pool of one worker with these tools. */
async function start(tools: Tools, more: Partial<SnakepitConfig> = {}, concurrency = 1): Promise<Snakepit> {
  const adapter = inProcess({ tools, concurrency })
  const pit = await Snakepit.start({
    adapter,
    transports: [memory()],
    pool: { size: 1, cancelGrace: 50 },
    logger: false,
    ...more,
  })
  onTestFinished(() => pit.close({ grace: 0 }))
  return pit
}

/** A promise to be kept from outside. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

const aborted = ({ signal }: ToolContext): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))

describe("a worker made by inProcess", () => {
  test("serves values, promises and async iterables", async () => {
    const pit = await start({
      add: ({ a, b }: { a: number; b: number }) => a + b,
      later: async () => "later",
      nothing: () => {},
      async *count({ to }: { to: number }) {
        for (let n = 0; n < to; n += 1) yield n
        return "done"
      },
    })
    expect(await pit.execute("add", { a: 2, b: 3 })).toBe(5)
    expect(await pit.execute("later")).toBe("later")
    expect(await pit.execute("nothing")).toBeNull()
    const data: unknown[] = []
    for await (const chunk of pit.stream("count", { to: 2 })) data.push(chunk.data)
    expect(data).toEqual([0, 1, "done"])
  })

  test("marks chunks as a Python tool can", async () => {
    const pit = await start({
      async *steps() {
        yield new StreamChunk({ step: 1 }, { metadata: { source: "a" } })
        yield new StreamChunk({ step: 2 }, { isFinal: true })
        throw new Error("nobody asks for more")
      },
    })
    const chunks = []
    for await (const chunk of pit.stream("steps")) chunks.push(chunk)
    expect(chunks).toMatchObject([
      { isFinal: false, data: { step: 1 }, metadata: { source: "a" } },
      { isFinal: true, data: { step: 2 } },
    ])
    expect(chunks[1]?.metadata).not.toHaveProperty("synthetic_final")
  })

  test("declares its tools, so that arguments are checked before it is asked", async () => {
    let asked = 0
    const run = (): void => {
      asked += 1
    }
    const pit = await start({
      strict: { run, description: "Adds.", parameters: [{ name: "n", type: "integer", required: true }] },
      loose: run,
    })
    expect(pit.tools.list().pools.default).toEqual([
      {
        name: "strict",
        description: "Adds.",
        streaming: false,
        extra: false,
        parameters: [{ name: "n", type: "integer", required: true }],
      },
      { name: "loose", description: "", streaming: false, extra: true, parameters: [] },
    ])
    await expect(pit.execute("strict", { n: "1" })).rejects.toMatchObject({ key: "args.n" })
    await expect(pit.execute("strict", { n: 1, m: 1 })).rejects.toMatchObject({ key: "args.m" })
    await expect(pit.execute("other")).rejects.toMatchObject({ _tag: "UnknownTool" })
    expect(asked).toBe(0)
    await pit.execute("loose", { anything: 1 })
    expect(asked).toBe(1)
  })

  test.each([
    [1, 1],
    [3, 3],
  ])("runs its calls %i at a time, in order", async (concurrency, most) => {
    const begun: unknown[] = []
    let running = 0
    let peak = 0
    const pit = await start(
      {
        async work({ n }: { n: number }) {
          begun.push(n)
          running += 1
          peak = Math.max(peak, running)
          await turn()
          running -= 1
        },
      },
      {},
      concurrency,
    )
    await Promise.all([0, 1, 2, 3, 4, 5].map((n) => pit.execute("work", { n })))
    expect(begun).toEqual([0, 1, 2, 3, 4, 5])
    expect(peak).toBe(most)
  })

  test("tells a tool about its call, and aborts its signal with the call", async () => {
    const seen: ToolContext[] = []
    const started = gate()
    const pit = await start({
      wait: (_args, context) => {
        seen.push(context)
        started.open()
        return aborted(context)
      },
      ready: () => "still here",
    })
    const leave = new AbortController()
    const call = pit.execute("wait", {}, { session: "s", meta: { k: "v" }, signal: leave.signal })
    await started.passed
    leave.abort()
    await expect(call).rejects.toMatchObject({ _tag: "CallCancelled" })
    expect(await pit.execute("ready")).toBe("still here")
    expect(seen).toMatchObject([{ session: "s", meta: { k: "v" }, signal: { aborted: true } }])
    expect(pit.workers().map((worker) => worker.id)).toEqual(["default-1"])
  })

  test("is replaced when a tool refuses to stop", async () => {
    const started = gate()
    const pit = await start({
      refuse: () => {
        started.open()
        return new Promise(() => {})
      },
      ready: () => "ready",
    })
    const leave = new AbortController()
    const call = pit.execute("refuse", {}, { signal: leave.signal })
    await started.passed
    leave.abort()
    await expect(call).rejects.toMatchObject({ _tag: "CallCancelled" })
    expect(await pit.execute("ready")).toBe("ready")
    expect(pit.workers().map((worker) => worker.id)).toEqual(["default-2"])
  })

  test("can crash, which fails the running call and is mended", async () => {
    const pit = await start({
      die: (_args, context) => context.crash("out of memory"),
      ready: () => "ready",
    })
    const [died, next] = await Promise.allSettled([pit.execute("die"), pit.execute("ready")])
    expect(died).toMatchObject({ reason: { _tag: "WorkerCrashed", tool: "die" } })
    expect(died).toMatchObject({ reason: { message: expect.stringContaining("out of memory") } })
    expect(next).toMatchObject({ value: "ready" })
  })

  test("calls tools of the host, which may call back into it while it waits", async () => {
    const pit = await start({
      outer: async ({ n }: { n: number }, { callHostTool }) =>
        1 + (await callHostTool<number>("twice", { n })),
      double: ({ n }: { n: number }) => 2 * n,
    })
    pit.tools.register("twice", ({ n }, { execute }) => execute("double", { n }))
    expect(await pit.execute("outer", { n: 20 })).toBe(41)
  })

  test("gets the host's errors as call errors", async () => {
    const pit = await start({
      ask: ({ tool }: { tool: string }, { callHostTool }) => callHostTool(tool).catch((error) => error._tag),
      send: (_args, { callHostTool }) => callHostTool("fail", { f: () => {} }),
    })
    pit.tools.register("fail", () => {
      throw new RangeError("too far")
    })
    expect(await pit.execute("ask", { tool: "fail" })).toBe("ToolError")
    expect(await pit.execute("ask", { tool: "missing" })).toBe("UnknownTool")
    await expect(pit.execute("send")).rejects.toMatchObject({ code: "not_serializable" })
  })

  test("leaves no call to the host behind when the call that made it ends", async () => {
    const asked = gate()
    const given = gate()
    const outcomes: Promise<unknown>[] = []
    const pit = await start({
      leave: async (_args, { callHostTool }) => {
        outcomes.push(callHostTool("slow").catch((error) => error._tag))
        await asked.passed
      },
      late: (_args, context) => {
        setImmediate(() => outcomes.push(context.callHostTool("slow").catch((error) => error._tag)))
      },
    })
    pit.tools.register("slow", (_args, { signal }) => {
      signal.addEventListener("abort", given.open)
      asked.open()
      return given.passed
    })
    await pit.execute("leave")
    await given.passed
    await pit.execute("late")
    await turn()
    await turn()
    expect(await Promise.all(outcomes)).toEqual(["CallCancelled", "CallCancelled"])
  })

  test("sends log records of the levels that are wanted", async () => {
    const records: LogRecord[] = []
    const tools: Tools = {
      talk: (_args, { log }) => {
        log("debug", "psst")
        log("info", "hello")
        log("error", "help")
      },
    }
    const pit = await start(tools, { logger: (record) => void records.push(record) })
    await pit.execute("talk")
    const origin = { source: "log", workerId: "default-1", pool: "default", tool: "talk" }
    expect(records).toEqual([
      { level: "debug", message: "psst", ...origin },
      { level: "info", message: "hello", ...origin },
      { level: "error", message: "help", ...origin },
    ])
    const silent: string[] = []
    const quiet = await start(tools, { logger: false })
    quiet.on("snakepit.log", ({ metadata }) => silent.push(metadata.message))
    await quiet.execute("talk")
    expect(silent).toEqual(["hello", "help"])
  })

  test("describes errors as well as they can be", async () => {
    const throws: Record<string, () => unknown> = {
      plain: () => new TypeError("no"),
      text: () => "just text",
      bare: () => Object.create(null),
      nameless: () => Object.assign(new Error("odd"), { name: 7 }),
      mute: () =>
        Object.defineProperty(new Error(), "message", {
          get() {
            throw new Error("not even this")
          },
        }),
    }
    const pit = await start({
      fail: ({ how }: { how: string }) => {
        throw throws[how]?.()
      },
    })
    const messages: unknown[] = []
    for (const how of Object.keys(throws)) {
      messages.push(await pit.execute("fail", { how }).catch((error: Error) => error.message))
    }
    expect(messages).toEqual([
      "TypeError: no",
      "Error: just text",
      "Error: not describable",
      "Error: odd",
      "Error: Error without a readable message",
    ])
  })

  test("answers with what fits when an error is beyond a limit", async () => {
    const pit = await start(
      {
        fail: () => {
          throw new RangeError("\u0001".repeat(100_000))
        },
      },
      { limits: { maxFrameBytes: 1024 } },
    )
    await expect(pit.execute("fail")).rejects.toMatchObject({ _tag: "ToolError", type: "RangeError" })
  })

  test("finishes what it was sent before it leaves", async () => {
    const pit = await start({ work: () => turn().then(() => "done") })
    const calls = [1, 2, 3].map(() => pit.execute("work"))
    await pit.close()
    expect(await Promise.all(calls)).toEqual(["done", "done", "done"])
    expect(pit.workers()).toEqual([])
  })

  test("needs the transport memory, and says which ones it passed over", async () => {
    const carrier = { ...memory(), name: "pigeon" }
    const starting = start({}, { transports: [carrier] })
    await expect(starting).rejects.toMatchObject({
      _tag: "StartFailed",
      reason: "transport",
      message: expect.stringContaining("memory()"),
      skipped: [{ transport: "pigeon", reason: expect.any(String) }],
    })
    const pit = await start({ ready: () => true }, { transports: [carrier, memory()] })
    expect(pit.workers()).toMatchObject([{ transport: "memory", pid: null, runtime: { name: "node" } }])
  })

  test("[LI-4] cannot start with more than 1,024 tools", async () => {
    const tools = (count: number): Tools =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`tool_${n}`, () => n]))
    expect(await (await start(tools(1024))).execute("tool_1023")).toBe(1023)
    const error = { _tag: "StartFailed", message: expect.stringContaining("1024") }
    await expect(start(tools(1025))).rejects.toMatchObject(error)
  })

  test("refuses names and numbers that cannot be", () => {
    expect(() => inProcess({ tools: { "a b": () => {} } })).toThrow('"a b" is not a tool name')
    expect(() => inProcess({ tools: {}, concurrency: 0 })).toThrow("concurrency")
  })
})

describe("launchWorker", () => {
  test("shows a worker's first line, and then its frames", async () => {
    const worker = await launchWorker(inProcess({ tools: { ready: () => true } }), ["memory"])
    onTestFinished(() => worker.kill())
    const first = parseHello(worker.line ?? "")
    expect(first).toMatchObject({ kind: "hello", hello: { transport: "memory", tools: [{ name: "ready" }] } })
    const channel = await worker.open(memory())
    const answered = new Promise((resolve) => channel.onFrames(resolve))
    channel.send({ type: "call", id: 7, tool: "ready", args: {} })
    expect(await answered).toEqual([{ type: "result", id: 7, value: true }])
    channel.close()
    expect(await worker.exited).toEqual({ code: 0, signal: null })
  })

  test("tells a worker's own reason when it cannot start", async () => {
    const worker = await launchWorker(inProcess({ tools: {} }), ["pigeon"])
    await expect(worker.open(memory())).rejects.toThrow("memory()")
    await worker.exited
  })

  test("tells a worker what the test says", async () => {
    const worker = await launchWorker(inProcess({ tools: {} }), ["memory"])
    const channel = await worker.open(memory(), { welcome: { snakepit: 2 } })
    channel.onFrames(() => {})
    expect(await worker.exited).toEqual({ code: 1, signal: null })
  })
})
