import { randomFillSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import { everyone } from "../src/contestants/index.js"
import { describePython, findPython } from "../src/python.js"
import { explainAbsence } from "../src/selection.js"

const python = describePython(
  findPython(),
  everyone.flatMap(({ needs = [] }) => needs),
)

/** Starting Python and importing a web framework takes seconds on a busy machine. */
const timeout = 60_000

describe.each(everyone)("$name", (contestant) => {
  const [absent] = explainAbsence([contestant], python)

  it.skipIf(absent !== undefined)(
    absent ?? "calls, carries bytes, streams, and leaves no process behind",
    async () => {
      const session = await contestant.open({ python: python.executable, workers: 1 })
      let pids: readonly number[] = []
      try {
        pids = await session.pids()
        expect(await session.echo(123_456)).toBe(123_456)
        expect(await Promise.all([1, 2, 3].map((value) => session.echo(value + 100_000)))).toEqual([
          100_001, 100_002, 100_003,
        ])
        const data = randomFillSync(new Uint8Array(300_001))
        expect(Buffer.compare(await session.echoBytes(data), data)).toBe(0)
        const seen: number[] = []
        await session.count(1_000, (value) => seen.push(value))
        expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => i))
      } finally {
        await session.close()
      }
      expect(pids).toHaveLength(1)
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow("ESRCH")
    },
    timeout,
  )
})
