import fc from "fast-check"
import { expect, test } from "vitest"
import { onQuickMachine, type PuppetWorker, Stage } from "./fakes.js"

onQuickMachine()

const died = { code: null, signal: "SIGKILL" } as const

const step = fc.record({
  do: fc.constantFrom(
    "call",
    "call",
    "strict",
    "hint",
    "answer",
    "answer",
    "give back",
    "cancel",
    "end",
    "add",
    "retire",
    "die",
  ),
  which: fc.nat(7),
  priority: fc.constantFrom("high", "normal", "low" as const),
})

/** Answers whatever is open, of tools and of the pool itself. */
function answerAll(puppets: readonly PuppetWorker[]): boolean {
  const open = puppets.flatMap((puppet) =>
    puppet.worker.connection.unanswered().map(({ request }) => ({ puppet, tool: request.tool })),
  )
  for (const { puppet, tool } of open) puppet.answer(tool)
  return open.length > 0
}

test("whatever happens, no call waits while a worker is idle, and each ends once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 120 }),
      fc.constantFrom(1, 3),
      async (steps, maxInFlight) => {
        const stage = new Stage({ maxInFlight })
        let puppets = [stage.puppet(), stage.puppet({ concurrency: 2 })]
        const names: string[] = []
        const calls = new Map<string, ReturnType<Stage["call"]>>()
        const make = (call: (tool: string) => ReturnType<Stage["call"]>): void => {
          const tool = `t${names.length}`
          names.push(tool)
          try {
            calls.set(tool, call(tool))
          } catch {
            // Its session has lost its worker.
          }
        }
        for (const { do: what, which, priority } of steps) {
          const puppet = puppets[which % Math.max(1, puppets.length)]
          const session = `s${which % 3}`
          const oldest = puppet?.worker.connection.unanswered()[0]?.request.tool
          if (what === "call") make((tool) => stage.call(tool, { priority }))
          else if (what === "strict")
            make((tool) => stage.callIn(`x${session}`, tool, "strict_queue", { priority }))
          else if (what === "hint") make((tool) => stage.callIn(session, tool, "hint", { priority }))
          else if (what === "answer" && oldest !== undefined) puppet?.answer(oldest)
          else if (what === "give back") puppet?.giveBack()
          else if (what === "cancel")
            [...calls.values()].slice(which, which + 1).map((call) => stage.pool.cancel(call, "no"))
          else if (what === "end") stage.endSession(session)
          else if (what === "add" && puppets.length < 5) puppets.push(stage.puppet())
          else if (what === "retire" && puppet !== undefined) void stage.pool.retire(puppet.worker, "ttl")
          else if (what === "die" && puppet !== undefined) {
            puppets = puppets.filter((other) => other !== puppet)
            puppet.die(died)
            await puppet.worker.stopped
          }
          const waits = [...calls.values()].some(
            ({ session, settled, wire }) => session === undefined && !settled && wire === undefined,
          )
          if (stage.pool.stats().available > 0) expect(waits).toBe(false)
        }
        puppets.push(stage.puppet())
        while (answerAll(puppets)) {}
        expect([...calls.keys()].filter((tool) => !stage.outcomes.has(tool))).toEqual([])
        expect(stage.pool.stats().queued).toBe(0)
      },
    ),
    { numRuns: 300 },
  )
})
