import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { Snakepit, type Transport } from "@snakepit/core"
import { afterEach, expect, test, vi } from "vitest"
import { errorOf } from "../src/outcomes.js"
import { allProcesses, commandLineOf, environmentOf } from "../src/processes.js"
import { adapters, tools, transports } from "../src/workers.js"
import { channelTransports, config, everyTransport, pids, start } from "./support/pit.js"
import { Records } from "./support/records.js"

afterEach(() => vi.unstubAllEnvs())

const secret = (name: string): string => `canary-${name}-${randomBytes(12).toString("hex")}`

/** Everything that an error shows, in whatever way it is looked at. */
function shown(error: Error): string {
  return [
    error.message,
    error.stack,
    String(error),
    inspect(error, { depth: 9 }),
    JSON.stringify(error),
  ].join("\n")
}

/** The transport, and the tokens that workers have told it. */
function spied(inner: Transport, tokens: string[]): Transport {
  return {
    ...inner,
    open(io) {
      if (io.hello.token !== null) tokens.push(io.hello.token)
      return inner.open(io)
    },
  }
}

test.each(
  everyTransport.flatMap((over) => (["spawn", "fork"] as const).map((launch) => [over, launch] as const)),
)("S3 over %s by %s, secrets stand in no command line, log or error", async (over, launch) => {
  const tokens: string[] = []
  const [inherited, given, instance] = [secret("host"), secret("adapter"), secret("instance")]
  vi.stubEnv("CANARY_OF_THE_HOST", inherited)
  const records = new Records()
  const events: unknown[] = []
  const python = { env: { CANARY_TOKEN: given }, launch }
  const shared = {
    python,
    over,
    logger: records.logger,
    instance: { name: "canary", token: instance },
    transports: [spied(transports[over](), tokens)],
  }
  const pit = await start("secretive:Secretive", { size: 2, heartbeat: false }, shared)
  for (const name of ["snakepit.worker.terminated", "snakepit.worker.start_failed", "snakepit.log"] as const)
    pit.on(name, (event) => void events.push(event))
  // They are there.
  expect(await pit.execute("environment")).toMatchObject({
    CANARY_TOKEN: given,
    CANARY_OF_THE_HOST: inherited,
  })

  const errors = await Promise.all([
    ...["fails", "dies", "unsendable", "missing"].map((tool) => errorOf(pit.execute(tool))),
    errorOf(pit.execute("echo", { value: undefined })),
    errorOf(pit.execute("pid", {}, { signal: AbortSignal.abort() })),
    ...[
      config("secretive:Missing", {}, shared),
      config(
        "secretive:Secretive",
        {},
        { ...shared, python: { ...python, env: { ...python.env, REFUSE: "1" } } },
      ),
      config("secretive:Secretive", {}, { ...shared, python: { ...python, python: "/no/such/python" } }),
      config("secretive:Secretive", { startTimeout: 1 }, shared),
      {
        ...config("secretive:Secretive", {}, shared),
        instance: { name: instance.repeat(3), token: instance },
      },
      { ...config("secretive:Secretive", {}, shared), instance: { token: [instance] as unknown as string } },
    ].map((wrong) => errorOf(Snakepit.start(wrong))),
  ])
  expect(errors.map(({ _tag }) => _tag)).toEqual([
    ...["ToolError", "WorkerCrashed", "RemoteError", "UnknownTool", "InvalidParameter", "CallCancelled"],
    ...["StartFailed", "StartFailed", "StartFailed", "StartFailed", "InvalidConfig", "InvalidConfig"],
  ])
  const commandLines = allProcesses().map(commandLineOf).join("\n")
  // What is searched are the right ones.
  expect(commandLines).toContain("snakepit_bridge")
  expect(tokens.length > 0).toBe(over === "grpc")

  const everything = {
    commandLines,
    logs: JSON.stringify(records.all),
    events: JSON.stringify(events),
    errors: errors.slice(0, -2).map(shown).join("\n"),
    wrongToken: shown(errors.at(-1) ?? new Error()),
  }
  for (const [place, text] of Object.entries(everything))
    for (const canary of [inherited, given, instance, ...tokens])
      expect(text.includes(canary), `${canary} in ${place}`).toBe(false)
})

test("S4 nothing in the Python package pickles", () => {
  const scan = `${adapters}/pickle_scan.py`
  const package_ = fileURLToPath(new URL("../../python-bridge/python/src", import.meta.url))
  expect(execFileSync("python3", [scan, package_], { encoding: "utf8" })).toBe("")
  // The scan finds what there is to find.
  const itself = execFileSync("python3", [scan, adapters], { encoding: "utf8" })
  expect(itself).toContain("pickle_scan.py")
})

// The library of gRPC imports it for its own sake.
test.each(channelTransports)("S4 over %s, a worker never even imports what pickles", async (over) => {
  const pit = await start("secretive:Secretive", {}, { over, python: { launch: "spawn" } })
  for (const value of [1n << 80n, new Date(), new Uint8Array(1e6), [Array(2000).fill(0.5)]])
    await pit.execute("echo", { value })
  const modules = await pit.execute<string[]>("modules")
  expect(modules).toContain("snakepit_bridge")
  const picklers = ["pickle", "_pickle", "cloudpickle", "dill", "joblib", "shelve", "multiprocessing"]
  expect(modules.filter((name) => picklers.includes(name.split(".")[0] ?? ""))).toEqual([])
})

test("S8 a worker inherits the environment, gets little of it, or what it is given, as one likes", async () => {
  const canary = secret("env")
  vi.stubEnv("CANARY_OF_THE_HOST", canary)
  vi.stubEnv("LC_TIME", "C")
  const environment = async (env: "inherit" | "minimal" | Record<string, string | undefined>) => {
    const pit = await start("", {}, { adapter: tools("secretive:Secretive", { env }) })
    const [pid = 0] = pids(pit)
    const told = await pit.execute<Record<string, string>>("environment")
    // What a process was started with can be seen from outside, whatever it says itself.
    return { told, seen: environmentOf(pid) }
  }
  const inherited = await environment("inherit")
  expect(inherited.told).toMatchObject({ CANARY_OF_THE_HOST: canary, LC_TIME: "C" })
  const minimal = await environment("minimal")
  expect(minimal.told).toMatchObject({ PATH: process.env.PATH, HOME: process.env.HOME, LC_TIME: "C" })
  expect(JSON.stringify([minimal.told, [...minimal.seen]])).not.toContain(canary)
  const known =
    /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TEMP|TMP|TZ|LANG|LANGUAGE|LC_\w+|PYTHONPATH|\w+_NUM_THREADS|SNAKEPIT_\w+)$/
  expect([...minimal.seen.keys()].filter((name) => !known.test(name))).toEqual([])
  const given = await environment({ ADDED: "1", CANARY_OF_THE_HOST: undefined })
  expect(given.told).toMatchObject({ ADDED: "1", LC_TIME: "C" })
  expect(given.told).not.toHaveProperty("CANARY_OF_THE_HOST")
  // A secret that stands where it does not belong is not repeated.
  const wrong = await errorOf(Promise.resolve().then(() => tools("a:B", { env: canary as "minimal" })))
  expect(wrong).toMatchObject({ _tag: "InvalidConfig", key: "env" })
  expect(shown(wrong)).not.toContain(canary)
})
