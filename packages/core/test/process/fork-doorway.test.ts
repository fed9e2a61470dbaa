import { existsSync, rmSync, statSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { dirname } from "node:path"
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest"
import { Doorway } from "../../src/process/fork-server/doorway.js"

let doorway: Doorway
let refusals: string[]
let onRefusal: () => void

beforeEach(async () => {
  refusals = []
  onRefusal = () => {}
  doorway = await Doorway.open((reason) => {
    refusals.push(reason)
    onRefusal()
  })
})
afterEach(() => doorway.close())

function refusal(): Promise<void> {
  return new Promise((resolve) => {
    onRefusal = resolve
  })
}

/** Somebody who connects and says this; `closed` settles when the host has hung up. */
function caller(says: string): { readonly socket: Socket; readonly closed: Promise<void> } {
  const socket = connect(doorway.path)
  socket.on("error", () => {})
  onTestFinished(() => void socket.destroy())
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()))
  if (says !== "") socket.write(says)
  return { socket, closed }
}

const line = (token: string, role: string): string => `${JSON.stringify({ token, role })}\n`

describe("S1 [FS-11] the socket for forked workers", () => {
  test("[FS-10] lets in each role once, and leaves what follows the first line to be read", async () => {
    const { token, connections } = doorway.expect()
    const lifeline = caller(line(token, "lifeline")).socket
    const answered = new Promise((resolve) => lifeline.once("data", (data: Buffer) => resolve(String(data))))
    for (const role of ["stdout", "stderr"]) caller(line(token, role))
    caller(`${line(token, "channel")}{"snakepit":1}\nmore`)
    const { channel } = await connections
    expect(
      await new Promise((resolve) => channel.once("data", (data: Buffer) => resolve(String(data)))),
    ).toBe('{"snakepit":1}\nmore')
    expect(await answered).toBe("\n")
    expect(refusals).toEqual([])
  })

  test.each([
    ["a guessed token", () => line("1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "channel")],
    ["no token", () => line("", "channel")],
    ["a token that is no text", () => '{"token":{"a":1},"role":["channel"]}\n'],
    ["no JSON", () => "GET / HTTP/1.1\r\n\r\n"],
    ["a line without an end", () => "x".repeat(100_000)],
    ["a role that there is not", () => line(doorway.expect().token, "stdin")],
  ])("turns away whoever has %s", async (_what, says) => {
    const refused = refusal()
    doorway.expect()
    await caller(says()).closed
    await refused
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).not.toContain("AAAA")
  })

  test("turns away a second one with the same token and role, and one that comes too late", async () => {
    const { token, connections } = doorway.expect()
    caller(line(token, "stdout"))
    await caller(line(token, "stdout")).closed
    for (const role of ["channel", "lifeline", "stderr"]) caller(line(token, role))
    await connections
    await caller(line(token, "channel")).closed
    expect(refusals).toHaveLength(2)
  })

  test("closes what has come of a worker that is not wanted any more, and lets in nothing more of it", async () => {
    const { token, forget } = doorway.expect()
    const first = caller(line(token, "lifeline"))
    await new Promise((resolve) => first.socket.once("data", resolve))
    forget()
    await first.closed
    await caller(line(token, "channel")).closed
    expect(refusals).toHaveLength(1)
  })

  test("holds few who do not say who they are, and still lets in who is expected", async () => {
    const { token, connections } = doorway.expect()
    const refused = refusal()
    for (let count = 0; count < 40; count += 1) caller("")
    await refused
    // Whoever is silent for longest has to go, so they take the room of nobody who has a token.
    for (const role of ["channel", "lifeline", "stdout", "stderr"]) caller(line(token, role))
    expect(Object.keys(await connections)).toHaveLength(4)
  })

  test("tells of ten refusals in a second, and then how many more there were", async () => {
    await Promise.all(Array.from({ length: 30 }, () => caller("{}\n").closed))
    doorway.close()
    expect(refusals).toHaveLength(11)
    expect(refusals[10]).toContain("20 more")
  })

  test("is made anew when somebody has removed it; who was expected may still come", async () => {
    const { token, connections } = doorway.expect()
    const first = caller(line(token, "lifeline")).socket
    await new Promise((resolve) => first.once("data", resolve))
    const before = doorway.path
    rmSync(dirname(before), { recursive: true })
    expect(doorway.isThere).toBe(false)
    await Promise.all([doorway.reopen(), doorway.reopen()])
    expect([doorway.isThere, doorway.path === before]).toEqual([true, false])
    for (const role of ["channel", "stdout", "stderr"]) caller(line(token, role))
    expect(Object.keys(await connections)).toHaveLength(4)
    await doorway.reopen()
    doorway.close()
    await doorway.reopen()
    expect(existsSync(dirname(doorway.path))).toBe(false)
  })

  test("lies in a folder that only its owner may enter, and is gone when it is closed", () => {
    const folder = dirname(doorway.path)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(dirname(folder)).mode & 0o777).toBe(0o700)
    doorway.close()
    expect(existsSync(folder)).toBe(false)
  })
})
