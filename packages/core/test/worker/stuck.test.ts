import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { type PuppetWorker, Stage } from "../pool/fakes.js"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const wornOut: string[] = []

/** One worker that runs three calls at a time: a, b and c run, d and e wait behind them. */
function busyWorker(): { readonly stage: Stage; readonly puppet: PuppetWorker } {
  wornOut.length = 0
  const keeper = {
    vitals: () => ({ state: "ready" as const, starting: 0, recycled: 0 }),
    onAnswered: () => {},
    onSessionEnded: () => {},
    onWornOut: (_: unknown, reason: string) => void wornOut.push(reason),
  }
  const stage = new Stage({ keeper })
  const puppet = stage.puppet({ concurrency: 3, cancelGraceMs: 100 })
  stage.callAll("a", "b", "c")
  return { stage, puppet }
}

/** Calls whose tools do not stop. */
function makeStuck(puppet: PuppetWorker, ...tools: readonly string[]): void {
  for (const tool of tools) {
    const wire = puppet.worker.connection.find(puppet.idOf(tool))
    if (wire !== undefined) puppet.worker.cancel(wire, "enough")
  }
  vi.advanceTimersByTime(100)
}

test("a call that does not stop is written off with its slot; the worker lives", () => {
  const { stage, puppet } = busyWorker()
  const { worker } = puppet
  expect(worker).toMatchObject({ concurrency: 3, load: 3, waiting: 0 })
  makeStuck(puppet, "a")
  expect(worker).toMatchObject({ concurrency: 2, load: 2, waiting: 0, live: true })
  expect(wornOut).toEqual(["stuck"])
  makeStuck(puppet, "b")
  expect(worker).toMatchObject({ concurrency: 1, load: 1, live: true })
  expect(wornOut).toEqual(["stuck"])
  puppet.answer("c")
  expect(stage.outcomes.get("c")).toBe("c")
})

test("what waits behind the slots that are left is known not to have started", () => {
  const { stage, puppet } = busyWorker()
  const { worker } = puppet
  stage.callAll("d", "e")
  expect(puppet.calls).toEqual(["a", "b", "c", "d", "e"])
  const waiting = () => worker.notStarted().map(({ request }) => request.tool)
  const started = () =>
    ["a", "b", "c", "d", "e"].filter((tool) => {
      const wire = worker.connection.find(puppet.idOf(tool))
      return wire !== undefined && worker.hasStarted(wire)
    })
  expect(started()).toEqual(["a", "b", "c"])
  makeStuck(puppet, "a")
  expect(started()).toEqual(["a", "b", "c"])
  expect(waiting()).toEqual(["d", "e"])
  puppet.answer("b")
  expect(started()).toEqual(["a", "c", "d"])
  expect(waiting()).toEqual(["e"])
})

test("a late answer gives the slot back", () => {
  const { puppet } = busyWorker()
  makeStuck(puppet, "b")
  puppet.answer("b")
  expect(puppet.worker).toMatchObject({ concurrency: 3, load: 2 })
})

test("a worker none of whose slots is left is killed", async () => {
  const { puppet } = busyWorker()
  makeStuck(puppet, "a", "b", "c")
  expect((await puppet.worker.stopped).cause).toContain('"c" did not stop within 100 ms')
  expect(wornOut).toEqual(["stuck"])
})

test("a worker that is to end waits for what runs, and not for what is stuck", async () => {
  const { stage, puppet } = busyWorker()
  makeStuck(puppet, "a")
  const stopped = puppet.worker.stop(10_000)
  puppet.answer("b")
  expect(puppet.worker.state).toBe("draining")
  puppet.answer("c")
  expect(await stopped).toMatchObject({ expected: true })
  expect(stage.outcomes.get("c")).toBe("c")
})
