import { once } from "node:events"
import { describe, expect, test } from "vitest"
import { escapes, gone, isAlive, pidOf, python, rest, start, strayPid } from "./helpers.js"

const echo = `
import os
while chunk := os.read(3, 65536):
    os.write(3, chunk)
`

const echoStdio = `
import os
while chunk := os.read(0, 65536):
    os.write(1, chunk)
`

describe("the private channel", () => {
  test("carries bytes both ways on descriptor 3", async () => {
    const { worker } = await start(python(echo))
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251))
    worker.channel.end(sent)
    const received: Buffer[] = []
    let size = 0
    for await (const chunk of worker.channel) {
      received.push(chunk)
      size += chunk.length
      if (size === sent.length) break
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true)
    expect(await worker.exited).toEqual({ code: 0, signal: null })
  })

  test("carries bytes both ways on stdin and stdout", async () => {
    const { worker, lines } = await start(python(echoStdio, { channel: "stdio" }))
    for (let index = 0; index < 1000; index++) worker.channel.write(`${index} ${"x".repeat(500)}\n`)
    worker.channel.end()
    const received = await rest(worker.channel)
    expect(
      received
        .split("\n")
        .map((line) => Number.parseInt(line, 10))
        .slice(0, 1000),
    ).toEqual([...Array(1000).keys()])
    expect(await worker.exited).toEqual({ code: 0, signal: null })
    expect(lines).toEqual([])
  })

  test.each(["fd", "stdio"] as const)(
    "R1 the worker is told where %s is, and gets the offer",
    async (channel) => {
      const script = `
import json, os
channel, lifeline = os.environ["SNAKEPIT_CHANNEL"], os.environ["SNAKEPIT_LIFELINE"]
os.fstat(int(lifeline[3:]))
os.write(1 if channel == "stdio" else 3, json.dumps([channel, lifeline, os.environ["SNAKEPIT_OFFER"], os.getpgid(0) == os.getpid()]).encode())
`
      const { worker } = await start(python(script, { channel }))
      const told = JSON.parse(await rest(worker.channel))
      expect(told).toEqual([channel === "fd" ? "fd:3" : "stdio", "fd:4", '["json"]', true])
    },
  )

  test("an environment that the plan gives replaces the host's", async () => {
    const script = "fs.writeSync(3, JSON.stringify(Object.keys(process.env).sort()))"
    const { worker } = await start({ executable: process.execPath, args: ["-e", script], env: { MINE: "1" } })
    const names = JSON.parse(await rest(worker.channel))
    expect(names).toEqual([
      "MINE",
      "SNAKEPIT_CHANNEL",
      "SNAKEPIT_LIFELINE",
      "SNAKEPIT_NONCE",
      "SNAKEPIT_OFFER",
    ])
  })

  test.each([
    ["fd", "import os; os.write(3, b'last words'); os.kill(os.getpid(), 9)"],
    ["stdio", "import os; os.write(1, b'last words'); os.kill(os.getpid(), 9)"],
  ] as const)(
    "P20 what a dead worker wrote to its %s channel is read after a write to it failed",
    async (channel, script) => {
      const { worker } = await start(python(script, { channel }))
      // Nothing is awaited until the worker is dead, so that its words are unread when the write fails.
      while (isAlive(pidOf(worker)));
      await new Promise((resolve) => worker.channel.write("anyone there?", resolve))
      expect(await rest(worker.channel)).toBe("last words")
    },
  )

  test.each([
    ["fd", 3],
    ["stdio", 1],
  ] as const)(
    "P6 what nobody had read from the %s channel at the exit can be read after it",
    async (channel, fd) => {
      const { worker } = await start(
        python(`import os; os.write(${fd}, b"x" * 100000); os._exit(3)`, { channel }),
      )
      expect(await worker.exited).toEqual({ code: 3, signal: null })
      expect((await rest(worker.channel)).length).toBe(100_000)
    },
  )

  test("P12 it closes after the exit although a process that left the group holds its other end", async () => {
    const { worker } = await start(python(escapes))
    const said: Buffer[] = []
    worker.channel.on("data", (chunk: Buffer) => said.push(chunk))
    const closed = once(worker.channel, "close")
    await worker.exited
    await closed
    await gone(strayPid(Buffer.concat(said).toString()))
  })
})
