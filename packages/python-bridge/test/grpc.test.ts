import { once } from "node:events"
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs"
import { createServer } from "node:net"
import { dirname, join } from "node:path"
import { type BareWorker, launchWorker } from "@snakepit/core/testing"
import { defaultLimits, type Frame, type Transport } from "@snakepit/core/transport"
import { type GrpcOptions, grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { describe, expect, onTestFinished, test } from "vitest"
import { folder, Records, start, tools } from "./helpers.js"
import { reach, Stranger } from "./stranger.js"

const unauthenticated = 16
const unimplemented = 12
const permissionDenied = 7

interface Hello {
  readonly transport: string
  readonly address: string
  readonly token: string
  readonly pid: number
  readonly skipped: readonly { transport: string; reason: string }[]
}

async function launch(
  transports: readonly Transport[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ worker: BareWorker; hello: Hello }> {
  const worker = await launchWorker(tools("basic:Basic", { env }), transports)
  onTestFinished(async () => {
    worker.kill()
    await worker.exited
  })
  return { worker, hello: JSON.parse(worker.line ?? "") }
}

/** Lets the host in, and makes a call. */
async function echo(worker: BareWorker, transport: Transport, value: unknown): Promise<unknown> {
  const channel = await worker.open(transport)
  const answered = new Promise<Frame | undefined>((resolve) => {
    channel.onFrames((frames) => {
      const answer = frames.find(({ type }) => type !== "log")
      if (answer !== undefined) resolve(answer)
    })
    channel.onClosed(() => resolve(undefined))
  })
  channel.send({ type: "call", id: 1, tool: "echo", args: { value } })
  const frame = await answered
  return frame?.type === "result" ? frame.value : frame
}

describe.each<GrpcOptions["listen"]>(["unix", "tcp"])("a worker that listens on %s", (listen) => {
  const transport = grpc({ listen })

  test("[GR-2] turns away whoever has not its token, before and after the host is in", async () => {
    const { worker, hello } = await launch([transport])
    const stranger = await Stranger.at(hello.address)
    expect(await stranger.knock()).toBe(unauthenticated)
    expect(await stranger.knock("Bearer wrong")).toBe(unauthenticated)
    expect(await stranger.knock(hello.token)).toBe(unauthenticated)
    expect(await stranger.knock(`Bearer ${hello.token}x`)).toBe(unauthenticated)
    expect(await stranger.knock(`Bearer ${hello.token}`, "/snakepit.v1.Worker/Other")).toBe(unimplemented)
    expect(await stranger.knock(undefined, "/grpc.reflection.v1.ServerReflection/Info")).toBe(unimplemented)
    expect(await echo(worker, transport, "for the host")).toBe("for the host")
    expect(await stranger.knock()).toBe(unauthenticated)
    expect(await stranger.knock(`Bearer ${hello.token}`)).toBe(permissionDenied)
  })

  test("lets the host in although strangers knock, wait in silence and send nonsense", async () => {
    const { worker, hello } = await launch([transport])
    for (let n = 0; n < 30; n += 1) await reach(hello.address)
    const garbage = await reach(hello.address)
    const refused = once(garbage, "close")
    garbage.resume().write("GET / HTTP/1.1\r\n\r\n".repeat(100))
    await refused
    const strangers = await Promise.all(Array.from({ length: 10 }, () => Stranger.at(hello.address)))
    const knocks = strangers.flatMap((stranger) => Array.from({ length: 20 }, () => stranger.knock()))
    expect(await echo(worker, transport, 1)).toBe(1)
    // More than one at a time on a connection is refused before it is looked at.
    const statuses = new Set(await Promise.all(knocks))
    expect(statuses.has(unauthenticated)).toBe(true)
    statuses.delete(undefined)
    expect([...statuses]).toEqual([unauthenticated])
  })

  test("[GR-3] tells its token on the private channel alone", async () => {
    const { worker, hello } = await launch([transport])
    // 128 bits are 22 characters of base64.
    expect(hello.token).toMatch(/^[\w-]{22,}$/)
    expect((await launch([transport])).hello.token).not.toBe(hello.token)
    expect(await echo(worker, transport, 1)).toBe(1)
    for (const file of ["cmdline", "environ", "task/self/cmdline"]) {
      const path = `/proc/${hello.pid}/${file}`
      if (existsSync(path)) expect(readFileSync(path, "latin1")).not.toContain(hello.token)
    }
    expect(readFileSync(`/proc/${hello.pid}/environ`, "latin1")).toContain("SNAKEPIT_GRPC")
  })

  test("says nothing of the token in the error of a host that is not let in", async () => {
    const { worker, hello } = await launch([transport])
    expect(await echo(worker, transport, 1)).toBe(1)
    const again = transport.open({
      stream: (await launch([transport])).worker.stream,
      hello: { ...hello, runtime: null, bridge: null, features: new Set(), concurrency: 1, tools: null },
      limits: defaultLimits,
      signal: new AbortController().signal,
    })
    const error = await again.then(() => undefined).catch((reason: Error) => reason)
    expect(error?.message).toContain(hello.address)
    expect(`${error?.stack} ${JSON.stringify(error)}`).not.toContain(hello.token)
  })
})

test("[GR-3] a unix socket lies in a folder for its owner alone, and is gone once the host is in", async () => {
  const transport = grpc()
  const { worker, hello } = await launch([transport])
  const path = hello.address.replace("unix:", "")
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  expect(statSync(path).isSocket()).toBe(true)
  expect(await echo(worker, transport, 1)).toBe(1)
  expect(existsSync(dirname(path))).toBe(false)
})

test("a worker that cannot start removes its socket", async () => {
  const TMPDIR = await folder()
  const worker = await launchWorker(tools("basic:Missing", { env: { TMPDIR } }), [grpc()])
  expect(worker.line).toContain("basic has no")
  await worker.exited
  expect(readdirSync(TMPDIR)).toEqual([])
})

test("a unix socket has a path that is short enough, wherever temporary files go", async () => {
  const TMPDIR = join(await folder(), "x".repeat(90), "%20 #?")
  mkdirSync(TMPDIR, { recursive: true })
  const short = join(await folder(), "%20 #?")
  mkdirSync(short)
  for (const [path, inside] of [
    [TMPDIR, false],
    [short, true],
  ] as const) {
    const { worker, hello } = await launch([grpc()], { TMPDIR: path })
    expect(hello.address.startsWith(`unix:${path}`)).toBe(inside)
    expect(await echo(worker, grpc(), 1)).toBe(1)
  }
})

test("workers take the ports of a range one after the other; one that finds none falls back", async () => {
  const port = await freePorts()
  const transport = grpc({ port, portRange: 2 })
  const [first, second] = [await launch([transport]), await launch([transport])]
  expect(first.hello.address).toBe(`tcp:127.0.0.1:${port}`)
  expect(second.hello.address).toBe(`tcp:127.0.0.1:${port + 1}`)
  const reason = `RuntimeError: no port of 127.0.0.1 from ${port} to ${port + 1} is free`
  const third = await launch([transport, json()])
  expect(third.hello).toMatchObject({ transport: "json", skipped: [{ transport: "grpc", reason }] })
  const fourth = await launch([transport])
  expect(fourth.hello).toMatchObject({ error: { code: "unavailable" }, skipped: [{ reason }] })
  expect(await echo(second.worker, transport, 2)).toBe(2)
})

/** The first of two ports that nobody uses. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = createServer().listen(0, "127.0.0.1")
    await once(first, "listening")
    const bound = first.address()
    const port = typeof bound === "object" && bound !== null ? bound.port : 0
    const second = createServer().listen(port + 1, "127.0.0.1")
    const free = await once(second, "listening").then(
      () => true,
      () => false,
    )
    first.close()
    second.close()
    if (free) return port
  }
}

test("what a killed worker has left is swept away by the next one", async () => {
  const TMPDIR = await folder()
  const { worker, hello } = await launch([grpc()], { TMPDIR })
  const left = dirname(hello.address.replace("unix:", ""))
  worker.kill()
  await worker.exited
  expect(existsSync(left)).toBe(true)
  const next = await launch([grpc()], { TMPDIR })
  expect(existsSync(left)).toBe(false)
  expect(await echo(next.worker, grpc(), 1)).toBe(1)
  expect(readdirSync(TMPDIR)).toEqual([])
})

test("[GR-3] no log record tells the token", async () => {
  const tokens: (string | null)[] = []
  const inner = grpc()
  const spy: Transport = {
    ...inner,
    open(io) {
      tokens.push(io.hello.token)
      return inner.open(io)
    },
  }
  const records = new Records()
  const pit = await start("basic:Basic", {}, { transports: [spy], logger: records.logger })
  expect(await pit.execute("echo", { value: "said" })).toBe("said")
  await pit.close()
  const [token] = tokens
  expect(token).toMatch(/^[\w-]{22,}$/)
  expect(JSON.stringify(records.all)).not.toContain(token)
})
