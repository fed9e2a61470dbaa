import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { adapters, folder, type Program, processesWith, program, script } from "./helpers.js"

/** Nothing may be left of a host after this. */
const limitMs = 1000

const launches = ["spawn", "fork"] as const
const states = ["computing", "locking", "stopped", "forked", "parent"] as const

interface Host extends Program {
  /** Its workers and their children; it does not count itself. */
  left(): number[]
}

let hosts = 0

/** A program that finds all that it launches by an entry of the environment. */
function host(source: string, env: NodeJS.ProcessEnv = {}): Host {
  hosts += 1
  const mark = `${process.pid}-${hosts}`
  const running = program(source, { ...env, SNAKEPIT_TEST_MARK: mark })
  const left = () => processesWith(`SNAKEPIT_TEST_MARK=${mark}`).filter((pid) => pid !== running.pid)
  onTestFinished(() => {
    for (const pid of left()) process.kill(pid, "SIGKILL")
  })
  return { ...running, left }
}

const adapter = (launch: string) =>
  `python(${JSON.stringify({ adapter: "orphans:Orphans", cwd: adapters, launch })})`

/** Workers in every state, one of them idle; then `end` when the program gets SIGUSR2. */
async function everyState(launch: string, end: string): Promise<Host> {
  const marks = await folder()
  const running = host(`
    const pool = { size: ${states.length + 1} }
    const pit = await Snakepit.start({ ...config, adapter: ${adapter(launch)}, pool })
    process.once("SIGUSR2", () => { ${end} })
    for (const state of ${JSON.stringify(states)})
      pit.execute("become", { state, mark: ${JSON.stringify(`${marks}/`)} + state }).catch(() => {})
    setInterval(() => {}, 1000)
  `)
  // The child and the copy are there, too.
  await until(() => readdirSync(marks).length === states.length && running.left().length >= states.length + 3)
  return running
}

/** Waits for what only a look at all processes tells, without keeping them from running. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Resolves when the host has ended; fails when something of it is left after the limit. */
async function nothingLeft(running: Host): Promise<void> {
  await running.exit
  const ended = performance.now()
  await until(() => running.left().length === 0 || performance.now() - ended > limitMs)
  expect(running.left()).toEqual([])
}

describe.each(launches)("a program that never closes, with workers launched by %s", (launch) => {
  test("ends by itself, whatever watches its workers, and leaves nothing", async () => {
    const directory = join(await folder(), "registry")
    const running = host(`
      const pit = await Snakepit.start({
        ...config,
        adapter: python(${JSON.stringify({ adapter: "basic:Basic", cwd: adapters, launch })}),
        instance: { directory: ${JSON.stringify(directory)} },
        pool: {
          size: 2,
          heartbeat: { interval: 20, timeout: 5000 },
          recycle: { ttl: "1 hour", maxRequests: 5, maxMemoryMb: 4096, checkInterval: 20 },
          breaker: true,
          crashBarrier: { taintOn: ["MemoryError"] },
        },
      })
      const session = pit.session()
      for (let value = 0; value < 20; value += 1) await session.execute("echo", { value }, { idempotent: true })
      console.log("done")
    `)
    expect(await running.line()).toBe("done")
    expect(await running.exit).toEqual({ code: 0, signal: null, stderr: "" })
    await nothingLeft(running)
    expect(readdirSync(directory)).toEqual([])
  })
})

describe.each(launches)("workers launched by %s, in whatever state", (launch) => {
  test.each([
    ["H1 end when their host is killed", "", "SIGKILL"],
    ["H4 end when their host calls process.exit", "process.exit(4)", "SIGUSR2"],
    ["H5 end when their host aborts", "process.abort()", "SIGUSR2"],
  ] as const)("%s", async (_name, end, signal) => {
    const running = await everyState(launch, end)
    running.kill(signal)
    await nothingLeft(running)
    expect(await running.exit).toMatchObject(end.includes("exit") ? { code: 4 } : { code: null })
  })

  test.each([
    ["H1 end when their host is killed while they start", "", "SIGKILL"],
    ["H3 end when a rejection that nobody handles ends it then", "Promise.reject(1)", "SIGUSR2"],
  ] as const)("%s", async (_name, end, signal) => {
    const mark = join(await folder(), "blocked")
    const start = `
      process.once("SIGUSR2", () => { ${end} })
      await Snakepit.start({ ...config, adapter: ${adapter(launch)} })
    `
    const running = host(start, { SNAKEPIT_TEST_BLOCKED: mark })
    await until(() => existsSync(mark))
    running.kill(signal)
    await nothingLeft(running)
    expect(await running.exit).toMatchObject(end === "" ? { signal } : { code: 1 })
  })

  test("H1 end when their host is killed at any moment of their start", async () => {
    for (const moment of [1, 3]) {
      const running = host(
        `await Snakepit.start({ ...config, adapter: ${adapter(launch)}, pool: { size: 4 } })`,
      )
      await until(() => running.left().length >= moment)
      running.kill("SIGKILL")
      await nothingLeft(running)
    }
  })
})

test("H2 a host that gets SIGTERM lets calls end, and kills what does not", async () => {
  const mark = join(await folder(), "begun")
  const running = host(`
    const pool = { size: 2, cancelGrace: 100 }
    const pit = await Snakepit.start({ ...config, adapter: ${adapter("spawn")}, pool, handleSignals: true })
    const settled = [
      pit.execute("become", { state: "locking", mark: ${JSON.stringify(mark)} }).catch((error) => error._tag),
      pit.execute("nap", { seconds: 0.3 }),
    ]
    console.log(JSON.stringify(await Promise.all(settled)))
    await new Promise(() => {})
  `)
  await until(() => existsSync(mark))
  running.kill("SIGTERM")
  expect(JSON.parse(await running.line())).toEqual(["PoolClosed", "awake"])
  await nothingLeft(running)
  expect(await running.exit).toMatchObject({ signal: "SIGTERM" })
})

describe("hosts of one instance", () => {
  const instance = (directory: string, token: string) =>
    `instance: ${JSON.stringify({ name: "twins", token, directory: join(directory, "registry") })}`

  /** Says who its worker is, and again after each SIGUSR2. */
  const twin = (directory: string, token: string) =>
    host(`
      const pit = await Snakepit.start({ ...config, pool: { size: 1 }, ${instance(directory, token)} })
      const say = async () => console.log(await pit.execute("pid"))
      process.on("SIGUSR2", say)
      setInterval(() => {}, 1000)
      await say()
    `)

  test.each([
    ["different tokens", "one", "two"],
    ["the same token", "one", "one"],
  ])(
    "H8 with %s: one that is killed and started again does not touch the other's workers",
    async (...tokens) => {
      const [, first, second] = tokens
      const directory = await folder()
      const running = [twin(directory, first), twin(directory, second)] as const
      const [worker, other] = await Promise.all(running.map((host) => host.line()))
      running[0].kill("SIGKILL")
      await nothingLeft(running[0])
      const again = twin(directory, first)
      expect(await again.line()).not.toBe(worker)
      running[1].kill("SIGUSR2")
      expect(await running[1].line()).toBe(other)
    },
  )

  test("H1 what nothing else could end is ended at the next start", async () => {
    const directory = await folder()
    // Instead of Python, something that does not watch its host.
    const python = await script("exec sleep 600")
    const first = host(`
      await Snakepit.start({ ...config, adapter: python({ python: ${JSON.stringify(python)} }), ${instance(directory, "")} })
    `)
    await until(() => first.left().length === 2)
    first.kill("SIGKILL")
    await first.exit
    expect(first.left().length).toBe(2)
    const second = twin(directory, "")
    await second.line()
    await until(() => first.left().length === 0)
    expect(readdirSync(join(directory, "registry")).length).toBe(1)
  })
})
