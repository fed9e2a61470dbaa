import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { Snakepit } from "@snakepit/core"
import type { Transport } from "@snakepit/core/transport"
import { grpc } from "@snakepit/transport-grpc"
import { afterEach, describe, expect, test, vi } from "vitest"
import { errorOf } from "../src/outcomes.js"
import { tools } from "../src/workers.js"
import { config, folder, start } from "./support/pit.js"
import { Records } from "./support/records.js"
import { grpcStatus, knockAt } from "./support/stranger.js"

afterEach(() => vi.unstubAllEnvs())

describe("a stranger", () => {
  const unauthenticated = 16
  const permissionDenied = 7

  test.each(["unix", "tcp"] as const)(
    "S1 a stranger at a worker's gRPC server (%s) is refused, before the host is in and after, and logged",
    async (listen) => {
      const inner = grpc({ listen })
      const seen: { address: string; token: string; before: (number | undefined)[] }[] = []
      const spy: Transport = {
        ...inner,
        async open(io) {
          const { address, token } = io.hello
          if (address === null || token === null) throw new Error("no address")
          const before = [await grpcStatus(address), await grpcStatus(address, "guessed")]
          // A unix socket is hidden once the host is in, but whoever knocked before may still be there.
          seen.push({ address, token, before })
          return inner.open(io)
        },
      }
      const records = new Records()
      const pit = await start("busy:Busy", {}, { transports: [spy], logger: records.logger })
      expect(await pit.execute("echo", { value: 1 })).toBe(1)
      const [{ address, token, before } = { address: "", token: "", before: [] }] = seen
      expect(before).toEqual([unauthenticated, unauthenticated])
      expect((await records.saying("refused")).level).toBe("warn")
      if (listen === "unix") expect(existsSync(dirname(address.replace("unix:", "")))).toBe(false)
      else
        expect([await grpcStatus(address), await grpcStatus(address, token)]).toEqual([
          unauthenticated,
          permissionDenied,
        ])
      expect(await pit.execute("echo", { value: 2 })).toBe(2)
      expect(pit.stats()).toMatchObject({ crashes: 0 })
    },
  )

  test("S1 a stranger at the socket for forked workers is refused, and logged", async () => {
    const XDG_RUNTIME_DIR = await folder()
    vi.stubEnv("XDG_RUNTIME_DIR", XDG_RUNTIME_DIR)
    const records = new Records()
    const adapter = tools("busy:Busy", { launch: "fork" })
    const pit = await start("", { size: 2 }, { adapter, logger: records.logger })
    const [own = ""] = readdirSync(XDG_RUNTIME_DIR)
    const [room = ""] = readdirSync(join(XDG_RUNTIME_DIR, own)).filter((name) => name.startsWith("fork-"))
    const place = join(XDG_RUNTIME_DIR, own, room)
    expect(statSync(place).mode & 0o077).toBe(0)
    const doors = readdirSync(place).filter((name) => statSync(join(place, name)).isSocket())
    expect(doors.length).toBeGreaterThan(0)
    for (const door of doors)
      for (const line of ["", "nonsense", '{"token":"1.guessed","role":"channel"}', "x".repeat(100_000)]) {
        const socket = await knockAt({ path: join(place, door) })
        const closed = new Promise((resolve) => socket.once("close", resolve))
        socket.resume().write(`${line}\n`)
        await closed
      }
    expect((await records.saying("refused")).level).toBe("warn")
    expect(await pit.execute("echo", { value: 1 })).toBe(1)
    // Those who really are its workers still come in.
    const [pid = 0] = pit.workers().map((worker) => worker.pid ?? 0)
    process.kill(pid, "SIGKILL")
    await pit.once("snakepit.worker.initialized")
    expect(pit.workers().map((worker) => worker.pid)).not.toContain(pid)
  })
})

describe("a folder that is not private", () => {
  const prepare: Readonly<Record<string, (path: string, elsewhere: string) => void>> = {
    "a link": (path, elsewhere) => symlinkSync(elsewhere, path),
    "open to others": (path) => {
      mkdirSync(path)
      chmodSync(path, 0o777)
    },
  }

  test.each(Object.keys(prepare))(
    "S6 a folder for sockets that is %s is refused: with fork the start fails, else workers are spawned",
    async (kind) => {
      const [base, elsewhere] = [await folder(), await folder()]
      vi.stubEnv("XDG_RUNTIME_DIR", base)
      const path = join(base, `snakepit-${process.getuid?.()}`)
      prepare[kind]?.(path, elsewhere)
      const forked = config(
        "",
        { size: 4 },
        { adapter: tools("busy:Busy", { launch: "fork" }), instance: false },
      )
      const error = await errorOf(Snakepit.start(forked))
      expect(error).toMatchObject({ _tag: "StartFailed" })
      expect(error.message).toContain(path)
      const records = new Records()
      const adapter = tools("busy:Busy", { launch: "auto" })
      const pit = await start("", { size: 4 }, { adapter, logger: records.logger, instance: false })
      expect(await pit.execute("echo", { value: 1 })).toBe(1)
      expect((await records.saying(path)).level).toBe("warn")
      expect(readdirSync(elsewhere)).toEqual([])
    },
  )

  test.each(Object.keys(prepare))(
    "S6 a folder of the registry that is %s is not written to: a warning, and it starts",
    async (kind) => {
      const [base, elsewhere] = [await folder(), await folder()]
      const directory = join(base, "registry")
      prepare[kind]?.(directory, elsewhere)
      const records = new Records()
      const adapter = tools("busy:Busy", { launch: "spawn" })
      const pit = await start("", {}, { adapter, logger: records.logger, instance: { directory } })
      expect(await pit.execute("echo", { value: 1 })).toBe(1)
      expect((await records.saying(directory)).level).toBe("warn")
      expect(readdirSync(elsewhere)).toEqual([])
    },
  )
})
