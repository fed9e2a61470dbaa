import { expect, test } from "vitest"
import { InvalidConfig, type LogRecord } from "../../src/index.js"
import { inProcess } from "../../src/testing.js"
import { start } from "./helpers.js"

test("a tool hears once of the end of its session, and of no other", async () => {
  const ended: string[] = []
  const end = () => void ended.push("once")
  const pit = await start({
    keep: (_args, { session, onSessionEnd }) => {
      onSessionEnd(end)
      onSessionEnd(() => ended.push(`${session}`))
    },
    look: () => ended.splice(0),
  })
  const [one, other] = [pit.session("one"), pit.session("other")]
  await one.execute("keep")
  await one.execute("keep")
  await other.execute("keep")
  await one.close()
  expect(await pit.execute("look")).toEqual(["once", "one", "one"])
  await pit.session("one").execute("look")
  await pit.session("one").close()
  expect(await pit.execute("look")).toEqual([])
})

test("what fails at the end of a session is logged, and the rest is done", async () => {
  const log: LogRecord[] = []
  let done = false
  const pit = await start(
    {
      keep: (_args, { onSessionEnd }) => {
        onSessionEnd(async () => {
          throw new RangeError("no")
        })
        onSessionEnd(() => {
          done = true
        })
      },
      look: () => done,
    },
    { logger: (record) => void log.push(record) },
  )
  const session = pit.session()
  await session.execute("keep")
  await session.close()
  expect(await pit.execute("look")).toBe(true)
  expect(log).toContainEqual(
    expect.objectContaining({ level: "error", message: expect.stringContaining("RangeError: no") }),
  )
})

test("outside of a session there is no end of one", async () => {
  const pit = await start({ keep: (_args, { onSessionEnd }) => onSessionEnd(() => 1) })
  await expect(pit.execute("keep")).rejects.toThrow("outside of any session")
})

test("a tool cannot have a name of the protocol's", () => {
  expect(() => inProcess({ tools: { "snakepit.end_session": () => 1 } })).toThrow(InvalidConfig)
})
