import { existsSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { defineAdapter, type EventName, Snakepit, type Transport } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { describe, expect, test } from "vitest"
import { adapters, config, errorOf, folder, interpreter, program, script, start, until } from "./helpers.js"

/** The next event of a name. */
function next<N extends EventName>(
  pit: Snakepit,
  name: N,
): Promise<Parameters<Parameters<typeof pit.on<N>>[1]>[0]> {
  return new Promise((resolve) => {
    const off = pit.on(name, (event) => {
      off()
      resolve(event)
    })
  })
}

describe("a listener hears of", () => {
  test("calls that end, well or not", async () => {
    const pit = await start("basic:Basic")
    const good = next(pit, "snakepit.request.executed")
    await pit.execute("pid")
    expect(await good).toMatchObject({
      name: "snakepit.request.executed",
      measurements: { durationUs: expect.any(Number) },
      metadata: { pool: "default", workerId: "default-1", command: "pid", success: true },
    })
    const bad = next(pit, "snakepit.request.executed")
    await errorOf(pit.execute("host", { tool: "nobody" }))
    expect(await bad).toMatchObject({ metadata: { command: "host", success: false } })
  })

  test("a worker that ends, the calls that go to another one, and its replacement", async () => {
    const pit = await start("basic:Basic")
    const pid = await pit.execute<number>("pid")
    const begun = join(await folder(), "begun")
    const running = errorOf(pit.execute("nap", { touch: begun }))
    // Sent ahead, because the call before it has only just begun.
    const behind = pit.execute<number>("pid")
    await until(() => existsSync(begun))
    const [terminated, requeued, initialized] = [
      next(pit, "snakepit.worker.terminated"),
      next(pit, "snakepit.call.requeued"),
      next(pit, "snakepit.worker.initialized"),
    ]
    process.kill(pid, "SIGKILL")
    expect(await running).toMatchObject({ _tag: "WorkerCrashed" })
    expect(await requeued).toMatchObject({
      measurements: { requeues: 1 },
      metadata: { pool: "default", tool: "pid", workerId: "default-1", reason: "crash" },
    })
    expect(await terminated).toMatchObject({
      measurements: { uptimeMs: expect.any(Number), requests: 1 },
      metadata: { workerId: "default-1", pid, expected: false, exitCode: null, signal: "SIGKILL" },
    })
    expect(await initialized).toMatchObject({
      measurements: { initializationTimeMs: expect.any(Number) },
      metadata: { workerId: "default-2", pool: "default", pid: await behind, transport: "json" },
    })
  })

  test("a call that an idle worker takes over from a busy one", async () => {
    const pit = await start("basic:Basic", { size: 2 })
    const [one, two] = [join(await folder(), "released"), join(await folder(), "released")]
    const slow = [pit.execute("wait_for", { path: one }), pit.execute("wait_for", { path: two })]
    const requeued = next(pit, "snakepit.call.requeued")
    const calls = [1, 2, 3, 4].map((value) => pit.execute("echo", { value }))
    writeFileSync(one, "")
    expect(await requeued).toMatchObject({
      measurements: { requeues: 0 },
      metadata: { tool: "echo", reason: "recall" },
    })
    writeFileSync(two, "")
    expect(await Promise.all([...slow, ...calls])).toEqual(["seen", "seen", 1, 2, 3, 4])
  })

  test("an orderly end", async () => {
    const pit = await Snakepit.start(config("basic:Basic"))
    const terminated = next(pit, "snakepit.worker.terminated")
    await pit.close()
    expect(await terminated).toMatchObject({ metadata: { expected: true, exitCode: 0, signal: null } })
  })

  test("a transport that a worker could not take", async () => {
    const msgpack: Transport = {
      name: "carrier-pigeon",
      open: () => Promise.reject(new Error("must not be used")),
    }
    // The first workers are up before one can listen, so a replacement is looked at.
    const pit = await start("basic:Basic", {}, { transports: [msgpack, json()] })
    const fallback = next(pit, "snakepit.transport.fallback")
    process.kill(await pit.execute<number>("pid"), "SIGKILL")
    expect(await fallback).toMatchObject({
      metadata: {
        workerId: "default-2",
        transport: "json",
        skipped: [{ transport: "carrier-pigeon", reason: expect.stringMatching(/./) }],
      },
    })
  })

  test("a replacement that cannot be started; it is tried again until it can", async () => {
    const broken = join(await folder(), "broken")
    const wrapper = await script(
      `[ -e '${broken}' ] && { echo 'no license' >&2; exit 9; }; exec '${await interpreter()}' "$@"`,
    )
    const adapter = python({ python: wrapper, adapter: "basic:Basic", cwd: adapters })
    const pit = await start("", { queueTimeout: 200 }, { adapter })
    const pid = await pit.execute<number>("pid")
    writeFileSync(broken, "")
    const failed = next(pit, "snakepit.worker.start_failed")
    process.kill(pid, "SIGKILL")
    expect(await failed).toMatchObject({
      metadata: { pool: "default", error: expect.stringContaining("exited with code 9") },
    })
    // A call that waits in vain is told why.
    const error = await errorOf(pit.execute("pid"))
    expect(error).toMatchObject({ _tag: "QueueTimeout" })
    expect(error.message).toContain("no license")
    rmSync(broken)
    expect(await pit.execute("echo", { value: 1 }, { queueTimeout: "30 seconds" })).toBe(1)
  })

  test("what a worker measures itself", async () => {
    const adapter = defineAdapter({
      name: "shell",
      launch: () => ({
        executable: "/bin/sh",
        args: [
          "-c",
          [
            `echo '{"snakepit":1,"transport":"json"}' >&3`,
            "read welcome <&3",
            "read call <&3",
            `echo '{"type":"event","name":"gpu","measurements":{"used":7},"metadata":{"card":"a"}}' >&3`,
            `echo '{"type":"log","level":"warn","message":"hot"}' >&3`,
            `echo '{"type":"result","id":1,"value":"measured"}' >&3`,
            "read drain <&3",
          ].join("\n"),
        ],
      }),
    })
    const pit = await start("", {}, { adapter })
    const [event, log] = [next(pit, "snakepit.worker.event"), next(pit, "snakepit.log")]
    expect(await pit.execute("anything")).toBe("measured")
    expect(await event).toMatchObject({
      measurements: { used: 7 },
      metadata: { workerId: "default-1", pool: "default", name: "gpu", metadata: { card: "a" } },
    })
    expect(await log).toMatchObject({ metadata: { level: "warn", message: "hot", workerId: "default-1" } })
  })
})

test("a listener that throws harms nobody, and is reported; one that was removed hears nothing", async () => {
  const reports: string[] = []
  const pit = await start("basic:Basic", {}, { logger: ({ message }) => void reports.push(message) })
  const heard: string[] = []
  pit.on("snakepit.request.executed", () => {
    throw new Error("my own fault")
  })
  const off = pit.on("snakepit.request.executed", ({ metadata }) => heard.push(metadata.command))
  await pit.execute("pid")
  off()
  off()
  await pit.execute("served")
  expect(heard).toEqual(["pid"])
  expect(reports.filter((text) => text.includes("my own fault"))).toHaveLength(2)
})

test("a logger that throws is the program's own fault, and no frame is lost by it", async () => {
  const running = program(`
    const faults = []
    process.on("uncaughtException", (error) => faults.push(error.message))
    const logger = () => { throw new Error("my own fault") }
    const pit = await Snakepit.start({ ...config, logger })
    const calls = Array.from({ length: 20 }, (_, value) => pit.execute("say", { text: "x" }).then(() => value))
    console.log((await Promise.all(calls)).length, [...new Set(faults)].join())
  `)
  expect(await running.line()).toBe("20 my own fault")
  expect(await running.exit).toEqual({ code: 0, signal: null, stderr: "" })
})
