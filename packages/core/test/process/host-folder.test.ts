import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { expect, onTestFinished, test, vi } from "vitest"
import { hostFolder } from "../../src/process/host-folder.js"
import { deadHost, privateFolder } from "./registry/hosts.js"

test("the folder of a process is private, and those of killed ones go", async () => {
  vi.stubEnv("XDG_RUNTIME_DIR", privateFolder())
  onTestFinished(() => void vi.unstubAllEnvs())
  const mine = hostFolder("fork")
  expect(statSync(mine).mode & 0o777).toBe(0o700)
  const { pid } = await deadHost()
  const killed = mine.replace(`-${process.pid}-`, `-${pid}-`)
  const elsewhere = join(dirname(mine), `fork-1-${pid}-AbCdEf`)
  const another = join(dirname(mine), "registry")
  for (const path of [killed, elsewhere, another]) mkdirSync(join(path, "inside"), { recursive: true })

  const next = hostFolder("fork")
  const left = [mine, next, elsewhere, another]
  expect(readdirSync(dirname(mine)).sort()).toEqual(left.map((path) => basename(path)).sort())
  rmSync(mine, { recursive: true })
})
