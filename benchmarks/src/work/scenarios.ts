import { Snakepit } from "@snakepit/core"
import { inProcess, memory } from "@snakepit/core/testing"
import type { Transport } from "@snakepit/core/transport"
import { python } from "@snakepit/python-bridge"
import { findPython, helper } from "../python.js"
import { expectSame } from "../scenario.js"
import { allocated, heapInUse } from "./allocations.js"
import { Counter } from "./counting.js"

/** What was counted, by name: for each operation unless the name says otherwise. */
export type Measured = Readonly<Record<string, number>>

const warmCalls = 300

/** Calls one after the other. */
export async function calls(transport: Transport): Promise<Measured> {
  const n = 1000
  return withWorker(transport, async (pit, counter) => {
    const run = async () => {
      for (let value = 0; value < n; value++) expectSame(await pit.execute("echo", { value }), value)
    }
    counter.start()
    await run()
    const counts = perOperation(counter.stop(), n)
    const { heap } = await allocated(run)
    return { ...counts, bytesAllocated: heap / n }
  })
}

/** As many calls in one tick as a worker takes. Of several rounds the best: in others the machine was busy elsewhere. */
export async function burst(transport: Transport): Promise<Measured> {
  const size = 64
  return withWorker(transport, async (pit, counter) => {
    const rounds: Measured[] = []
    for (let round = 0; round < 50; round++) {
      counter.start()
      await Promise.all(Array.from({ length: size }, (_, value) => pit.execute("echo", { value })))
      const { writes, reads, ...others } = counter.stop()
      rounds.push({ ...perOperation(others, size), writesInAll: writes, readsInAll: reads })
    }
    return leastOf(rounds)
  })
}

/** Chunks as fast as they come. */
export async function stream(transport: Transport): Promise<Measured> {
  const n = 10_000
  return withWorker(transport, async (pit, counter) => {
    const consume = async () => {
      let seen = 0
      for await (const chunk of pit.stream<number>("count", { n })) if (!chunk.isFinal) seen++
      expectSame(seen, n)
    }
    await consume()
    counter.start()
    await consume()
    const { sent, writes, reads, ...others } = counter.stop()
    return { ...perOperation(others, n), sentInAll: sent, writesInAll: writes, readsInAll: reads }
  })
}

/** Ten million bytes to Python and back. */
export async function bytes(transport: Transport): Promise<Measured> {
  const data = new Uint8Array(10_000_000).fill(7)
  return withWorker(transport, async (pit) => {
    const round = async () => {
      const answer = await pit.execute<Uint8Array>("echo", { value: data })
      expectSame(answer.byteLength, data.byteLength)
    }
    await round()
    return { bytesAllocatedForEachByte: (await allocated(round)).buffers / data.byteLength }
  })
}

/** Ten thousand calls that wait, and what is left of them. In memory, for a real worker would not wait for this. */
export async function waiting(): Promise<Measured> {
  const n = 10_000
  let release = (): void => {}
  let released: Promise<void>
  const adapter = inProcess({ tools: { wait: () => released } })
  const pool = { size: 1, maxQueue: n, heartbeat: false } as const
  const pit = await Snakepit.start({ adapter, transports: [memory()], pool, logger: false })
  const round = async (): Promise<Measured> => {
    released = new Promise((resolve) => {
      release = resolve
    })
    const before = heapInUse()
    let open: readonly Promise<unknown>[] = Array.from({ length: n }, () => pit.execute("wait"))
    // What is sent ahead is on its way now.
    await new Promise(setImmediate)
    const bytesHeld = (heapInUse() - before) / n
    release()
    await Promise.all(open)
    open = []
    return { bytesHeld, bytesLeft: (heapInUse() - before) / n }
  }
  try {
    await round()
    return await round()
  } finally {
    await pit.close()
  }
}

async function withWorker(
  transport: Transport,
  measure: (pit: Snakepit, counter: Counter) => Promise<Measured>,
): Promise<Measured> {
  const counter = new Counter()
  const pit = await Snakepit.start({
    adapter: python({ adapter: `${helper("bench_adapter.py")}:BenchAdapter`, python: findPython() }),
    transports: [counter.watched(transport)],
    // Its pings would be counted, too.
    pool: { size: 1, heartbeat: false },
    logger: false,
  })
  try {
    for (let value = 0; value < warmCalls; value++) await pit.execute("echo", { value })
    return await measure(pit, counter)
  } finally {
    await pit.close()
  }
}

function perOperation(counts: object, n: number): Measured {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count / n]))
}

function leastOf(rounds: readonly Measured[]): Measured {
  const names = Object.keys(rounds[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, Math.min(...rounds.map((round) => round[name] ?? Number.NaN))]),
  )
}
