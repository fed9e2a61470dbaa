import { expect, onTestFinished, test } from "vitest"
import { Snakepit } from "../../src/index.js"
import { inProcess, memory } from "../../src/testing.js"
import type { Transport } from "../../src/transport/index.js"

/** A transport whose worker has said that it started the calls up to this id. */
function startedUpTo(id: number): Transport {
  return {
    ...memory(),
    async open(io) {
      return Object.assign(await memory().open(io), { startedUpTo: id })
    },
  }
}

test.each([
  { upTo: 1, failed: 1 },
  { upTo: 3, failed: 3 },
])(
  "[CA-3] with calls up to $upTo said to be started, a crash fails $failed and repeats the rest",
  async (each) => {
    const served: number[] = []
    const pit = await Snakepit.start({
      adapter: inProcess({
        tools: {
          die: (_args, context) => context.crash(),
          serve: ({ n }: { n: number }) => {
            served.push(n)
            return n
          },
        },
      }),
      transports: [startedUpTo(each.upTo)],
      pool: { size: 1 },
      logger: false,
    })
    onTestFinished(() => pit.close({ grace: 0 }))
    const calls = [pit.execute("die"), ...[2, 3, 4, 5].map((n) => pit.execute("serve", { n }))]
    const outcomes = await Promise.allSettled(calls)
    const crashed = outcomes.filter((outcome) => outcome.status === "rejected")
    expect(crashed.map(({ reason }) => reason)).toMatchObject(
      Array.from({ length: each.failed }, () => ({ _tag: "WorkerCrashed", started: true })),
    )
    const messages = crashed.map(({ reason }) => String(reason.message))
    expect(messages.filter((message) => message.includes("before the answer of"))).toHaveLength(
      each.failed - 1,
    )
    expect(served).toEqual([2, 3, 4, 5].slice(each.failed - 1))
  },
)
