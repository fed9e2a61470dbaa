import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { type LogRecord, Snakepit, type Transport } from "@snakepit/core"
import { grpc } from "@snakepit/transport-grpc"
import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import { describe, expect, test } from "vitest"
import { config, errorOf, folder, start } from "./helpers.js"
import { type Library, venvWith } from "./venvs.js"

const offers = (names: string): readonly Transport[] => names.split(" ").map((name) => factory(name)())

function factory(name: string): () => Transport {
  const found = { grpc, msgpack, json }[name]
  if (found === undefined) throw new Error(`there is no transport ${name}`)
  return found
}

/** Ends a worker. @returns what the one that takes its place says of transports. */
async function eventsOfReplacement(pit: Snakepit): Promise<unknown[]> {
  const fallbacks: unknown[] = []
  pit.on("snakepit.transport.fallback", ({ metadata }) => void fallbacks.push(metadata))
  const replaced = new Promise((resolve) => pit.on("snakepit.worker.initialized", resolve))
  process.kill(pit.workers()[0]?.pid ?? 0, "SIGKILL")
  await replaced
  return fallbacks
}

describe("in a virtual environment", () => {
  test.each<{ has: readonly Library[]; offered: string; taken: string; missing: readonly string[] }>([
    { has: [], offered: "json msgpack grpc", taken: "json", missing: [] },
    { has: [], offered: "msgpack grpc json", taken: "json", missing: ["msgpack", "grpc"] },
    { has: ["msgpack"], offered: "grpc msgpack json", taken: "msgpack", missing: ["grpc"] },
    { has: ["grpc"], offered: "msgpack grpc json", taken: "grpc", missing: ["msgpack"] },
    { has: ["msgpack", "grpc"], offered: "msgpack json grpc", taken: "msgpack", missing: [] },
    { has: ["msgpack", "grpc"], offered: "grpc msgpack json", taken: "grpc", missing: [] },
  ])("with [$has] and the list [$offered] workers take $taken", async ({ has, offered, taken, missing }) => {
    const venv = await venvWith(...has)
    const warnings: LogRecord[] = []
    const pit = await start(
      "basic:Basic",
      { size: 2 },
      {
        python: { venv },
        transports: offers(offered),
        logger: (record) => void (record.source === "snakepit" && warnings.push(record)),
      },
    )
    expect(await pit.execute("echo", { value: 2n ** 70n })).toBe(2n ** 70n)
    expect(pit.workers()).toMatchObject([{ transport: taken }, { transport: taken }])
    expect(await eventsOfReplacement(pit)).toMatchObject(
      missing.length === 0
        ? []
        : [
            {
              transport: taken,
              pool: "default",
              workerId: "default-3",
              skipped: missing.map((transport) => ({
                transport,
                reason: expect.stringMatching(/No module/),
              })),
            },
          ],
    )
    // Three workers fell back for the same reason, which is told once, with what to do about it.
    expect(warnings).toHaveLength(missing.length === 0 ? 0 : 1)
    for (const name of missing) {
      const [warning] = warnings
      expect(warning).toMatchObject({ level: "warn", pool: "default" })
      expect(warning?.message).toContain(`runs over ${taken}`)
      expect(warning?.message).toContain(`${name}: No module named`)
      expect(warning?.message).toContain(`${join(venv, "bin", "python")} -m pip install`)
    }
  })
})

describe("a transport that is the only one", () => {
  test.each<{ name: Library; packages: string }>([
    { name: "msgpack", packages: "'msgpack>=1.0'" },
    { name: "grpc", packages: "'grpcio>=1.60' 'protobuf>=4.25'" },
  ])("$name is used, or the start fails with the command that installs it", async ({ name, packages }) => {
    const pit = await start(
      "basic:Basic",
      {},
      { python: { venv: await venvWith(name) }, transports: offers(name) },
    )
    expect(pit.workers()).toMatchObject([{ transport: name }])
    const venv = await venvWith(...(["msgpack", "grpc"] as const).filter((other) => other !== name))
    const error = await errorOf(
      Snakepit.start(config("basic:Basic", {}, { python: { venv }, transports: offers(name) })),
    )
    expect(error).toMatchObject({ _tag: "StartFailed", reason: "transport", skipped: [{ transport: name }] })
    expect(error.message).toContain("none of the offered transports can be used")
    const install = `${join(venv, "bin", "python")} -m pip install ${packages}`
    expect(error.message.split("\n").filter((line) => line.includes(install))).toHaveLength(1)
  })

  test.each([
    {
      name: "msgpack",
      broken: "msgpack",
      content: "version = (0, 6, 2)\n\n\ndef __getattr__(name):\n    return type(name, (Exception,), {})\n",
      reason: /0\.6\.2/,
    },
    {
      name: "grpc",
      broken: "grpc",
      content: "raise RuntimeError('built for another world')\n",
      reason: /another world/,
    },
  ])(
    "$name of which the library is unusable is passed over like one that is missing",
    async ({ name, broken, content, reason }) => {
      const cwd = await folder()
      await writeFile(join(cwd, `${broken}.py`), content)
      const pit = await start(
        "basic:Basic",
        {},
        { python: { env: { PYTHONPATH: cwd } }, transports: offers(`${name} json`) },
      )
      expect(pit.workers()).toMatchObject([{ transport: "json" }])
      const error = await errorOf(
        Snakepit.start(
          config("basic:Basic", {}, { python: { env: { PYTHONPATH: cwd } }, transports: offers(name) }),
        ),
      )
      expect(error).toMatchObject({ _tag: "StartFailed", reason: "transport" })
      expect(error.message).toMatch(reason)
    },
  )
})
