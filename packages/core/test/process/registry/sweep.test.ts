import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { readProcess } from "../../../src/process/process-table.js"
import { thisHost } from "../../../src/process/registry/identity.js"
import { newNonce } from "../../../src/process/registry/nonce.js"
import { compileProcessFolder, gone, isAlive } from "../helpers.js"
import { deadHost, host, killed, leaveFile, open, privateFolder, waiting } from "./hosts.js"

let compiled: Awaited<ReturnType<typeof compileProcessFolder>>

beforeAll(async () => {
  compiled = await compileProcessFolder()
})
afterAll(() => compiled.remove())

const launchOne = `
  const worker = await launch(plan, { offer: [], registry, onOutput() {} })
  console.log(await said(worker))
`

/** As the host has it that is killed before it can write the number down. */
const announceOnly = `
  const half = { announce: () => ({ ...registry.announce(), started() {} }) }
  const worker = await launch(plan, { offer: [], registry: half, onOutput() {} })
  console.log(await said(worker))
`

function entry(nonce: string, pid: number) {
  return { id: 1, nonce, pid, startTime: readProcess(pid)?.startTime ?? "" }
}

describe("H1 a sweep ends what a killed host left behind", () => {
  test.each([
    ["with its number", launchOne],
    ["that was only announced", announceOnly],
  ])("a worker %s, and its children", async (_name, source) => {
    const directory = privateFolder()
    const running = await host(compiled, directory, source)
    await killed(running)
    expect(running.pids.map(isAlive)).toEqual([true, true])
    const { registry, warnings } = open(directory)
    expect(registry.sweep()).toEqual({ killed: 1, files: 1 })
    await Promise.all(running.pids.map(gone))
    expect(readdirSync(directory)).toEqual([])
    expect(warnings).toEqual([])
  })

  test("children whose worker is gone", async () => {
    const directory = privateFolder()
    const running = await host(compiled, directory, launchOne)
    await killed(running)
    const [worker = 0, child = 0] = running.pids
    process.kill(worker, "SIGKILL")
    await gone(worker)
    expect(isAlive(child)).toBe(true)
    expect(open(directory).registry.sweep()).toEqual({ killed: 1, files: 1 })
    await gone(child)
  })

  test("also when it is stopped, and two hosts sweep at once", async () => {
    const directory = privateFolder()
    const running = await host(compiled, directory, launchOne)
    for (const pid of running.pids) process.kill(pid, "SIGSTOP")
    await killed(running)
    const sweeping = 'registry.sweep(); console.log("")'
    await Promise.all([host(compiled, directory, sweeping), host(compiled, directory, sweeping)])
    await Promise.all(running.pids.map(gone))
    expect(readdirSync(directory)).toEqual([])
  })
})

describe("H8 a sweep leaves alone", () => {
  test.each([
    ["a running host of its own name and token", "", false],
    ["a running host of its own name and another token", "other", false],
    ["what a dead host of another token left behind", "other", true],
  ])("%s", async (_name, token, dies) => {
    const directory = privateFolder()
    const running = await host(compiled, directory, launchOne, { token })
    if (dies) await killed(running)
    const { registry, warnings } = open(directory)
    expect(registry.sweep()).toEqual({ killed: 0, files: 0 })
    expect(running.pids.map(isAlive)).toEqual([true, true])
    expect(readdirSync(directory).length).toBe(1)
    expect(warnings).toEqual([])
  })

  test("a dead host of another container", async () => {
    const directory = privateFolder()
    const nonce = newNonce()
    const pid = waiting(nonce)
    leaveFile(directory, { ...(await deadHost()), namespace: "pid:[1]" }, [entry(nonce, pid)])
    expect(open(directory).registry.sweep()).toEqual({ killed: 0, files: 0 })
    expect(isAlive(pid)).toBe(true)
  })
})

describe("a sweep kills nothing that is not proven to be left behind", () => {
  test("P14 a process that has the number by now", async () => {
    const directory = privateFolder()
    const nonce = newNonce()
    const pid = waiting(nonce)
    leaveFile(directory, await deadHost(), [{ id: 1, nonce, pid, startTime: "1" }])
    const { registry, warnings } = open(directory)
    expect(registry.sweep()).toEqual({ killed: 0, files: 1 })
    expect(isAlive(pid)).toBe(true)
    expect(warnings).toEqual([])
  })

  test("a host whose number another process has by now is dead nevertheless", async () => {
    const directory = privateFolder()
    const nonce = newNonce()
    const pid = waiting(nonce)
    leaveFile(directory, { ...thisHost(), startTime: "1" }, [entry(nonce, pid)])
    expect(open(directory).registry.sweep()).toEqual({ killed: 1, files: 1 })
    await gone(pid)
  })

  test("H9 a process with another nonce, which it says", async () => {
    const directory = privateFolder()
    const pid = waiting(newNonce())
    leaveFile(directory, await deadHost(), [entry(newNonce(), pid)])
    const { registry, warnings } = open(directory)
    expect(registry.sweep()).toEqual({ killed: 0, files: 1 })
    expect(isAlive(pid)).toBe(true)
    expect(warnings).toEqual([expect.stringContaining(`process ${pid} may have been left behind`)])
  })

  test("anything of another boot", async () => {
    const directory = privateFolder()
    const nonce = newNonce()
    const pid = waiting(nonce)
    leaveFile(directory, { ...(await deadHost()), boot: "another" }, [entry(nonce, pid)])
    expect(open(directory).registry.sweep()).toEqual({ killed: 0, files: 1 })
    expect(isAlive(pid)).toBe(true)
  })

  test("what has ended", async () => {
    const directory = privateFolder()
    const nonce = newNonce()
    const pid = waiting(nonce)
    leaveFile(directory, await deadHost(), [entry(nonce, pid), { id: 1, ended: true }])
    expect(open(directory).registry.sweep()).toEqual({ killed: 0, files: 1 })
    expect(isAlive(pid)).toBe(true)
  })
})

test("H9 a sweep looks at so many files only that it does not hold up a start; the next one goes on", async () => {
  const directory = privateFolder()
  const dead = await deadHost()
  for (let pid = 1; pid <= 300; pid += 1) leaveFile(directory, { ...dead, pid, startTime: "none" }, [])
  const { registry } = open(directory)
  expect(registry.sweep()).toEqual({ killed: 0, files: 256 })
  expect(registry.sweep()).toEqual({ killed: 0, files: 44 })
})

describe("H9 a damaged file", () => {
  test("is read as far as it can be", async () => {
    const directory = privateFolder()
    const nonce = newNonce()
    const pid = waiting(nonce)
    const damage = [
      "{",
      "null",
      "[1]",
      '{"id":2,"nonce":"short","pid":1}',
      `{"id":3,"nonce":"${nonce}","pid":-1}`,
    ]
    const path = leaveFile(directory, await deadHost(), [...damage, entry(nonce, pid), "\0\0\0"])
    const { registry, warnings } = open(directory)
    expect(registry.sweep()).toEqual({ killed: 1, files: 1 })
    await gone(pid)
    expect(warnings).toEqual([`${path}: 6 damaged lines were skipped.`])
  })

  test("whose first line is damaged goes when it is old", async () => {
    const directory = privateFolder()
    const nonce = newNonce()
    const pid = waiting(nonce)
    const path = leaveFile(directory, await deadHost(), [entry(nonce, pid)])
    writeFileSync(path, JSON.stringify(entry(nonce, pid)))
    const { registry, warnings } = open(directory)
    expect(registry.sweep()).toEqual({ killed: 0, files: 0 })
    expect(existsSync(path)).toBe(true)
    utimesSync(path, 0, 0)
    expect(registry.sweep()).toEqual({ killed: 0, files: 1 })
    expect(existsSync(path)).toBe(false)
    expect(warnings).toEqual([expect.stringContaining("damaged; it was removed")])
    expect(isAlive(pid)).toBe(true)
  })

  test("of a running host is none of ours", () => {
    const directory = privateFolder()
    const path = leaveFile(directory, thisHost(), ["{"])
    writeFileSync(join(directory, "something else"), "")
    const { registry, warnings } = open(directory)
    expect(registry.sweep()).toEqual({ killed: 0, files: 0 })
    expect(existsSync(path)).toBe(true)
    expect(warnings).toEqual([])
  })
})
