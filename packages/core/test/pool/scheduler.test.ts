import { describe, expect, test } from "vitest"
import { LoadTable } from "../../src/pool/load-table.js"
import {
  chooseVictim,
  chooseWorker,
  type Schedulable,
  stalledWorkers,
  stallMs,
} from "../../src/pool/scheduler.js"

const maxInFlight = 32

interface FakeWorker extends Schedulable {
  load: number
  headSince: number
}

function worker(load: number, more: Partial<FakeWorker> = {}): FakeWorker {
  return {
    load,
    concurrency: 1,
    canRecall: true,
    writable: true,
    headSince: 0,
    get waiting() {
      return Math.max(0, this.load - this.concurrency)
    },
    ...more,
  }
}

function tableOf(...workers: FakeWorker[]): LoadTable<FakeWorker> {
  const table = new LoadTable<FakeWorker>()
  for (const each of workers) table.add(each)
  return table
}

const choose = (table: LoadTable<FakeWorker>, preferred?: FakeWorker, now = 0) =>
  chooseWorker(table, preferred, maxInFlight, now)

describe("choosing a worker", () => {
  test("prefers the session's worker while it is idle", () => {
    const [a, b] = [worker(0), worker(0)]
    expect(choose(tableOf(a, b), b)).toBe(b)
  })

  test("prefers the session's worker to an idle one while it answers quickly and has room", () => {
    const [busy, idle] = [worker(1), worker(0)]
    const table = tableOf(busy, idle)
    expect(choose(table, busy, stallMs)).toBe(busy)
    expect(choose(table, busy, stallMs + 1)).toBe(idle)
    busy.load = maxInFlight
    expect(choose(table, busy)).toBe(idle)
  })

  test("sends ahead to the least loaded when nobody is idle", () => {
    const [more, less] = [worker(5), worker(2)]
    expect(choose(tableOf(more, less))).toBe(less)
  })

  test("sends nothing ahead to a worker whose call has lasted, nor to one that cannot give it back", () => {
    const [slow, quick] = [worker(1, { headSince: 0 }), worker(3, { headSince: stallMs })]
    expect(choose(tableOf(slow, quick), undefined, stallMs + 1)).toBe(quick)
    expect(choose(tableOf(worker(1, { canRecall: false })))).toBeUndefined()
    expect(choose(tableOf(worker(1, { writable: false })))).toBeUndefined()
  })

  test("lets the call wait when every worker holds as much as it may", () => {
    expect(choose(tableOf(worker(maxInFlight), worker(maxInFlight)))).toBeUndefined()
    expect(choose(tableOf())).toBeUndefined()
  })
})

describe("relieving a worker", () => {
  test("takes half of what waits behind the busiest", () => {
    const [busy, busiest] = [worker(3), worker(8)]
    expect(chooseVictim(tableOf(busy, busiest, worker(0)))).toEqual({ victim: busiest, calls: 4 })
  })

  test("leaves alone whose calls have all started, or cannot be taken back", () => {
    expect(chooseVictim(tableOf(worker(1), worker(0)))).toBeUndefined()
    expect(chooseVictim(tableOf(worker(4, { canRecall: false })))).toBeUndefined()
  })

  test("finds who holds calls up while another one moves", () => {
    const [slow, quick] = [worker(3, { headSince: 0 }), worker(3, { headSince: 100 })]
    expect(stalledWorkers(tableOf(slow, quick), 100)).toEqual([slow])
    expect(stalledWorkers(tableOf(slow), 100)).toEqual([])
  })
})

describe("the table of loads", () => {
  test("follows changes and counts who is idle and what waits", () => {
    const [a, b] = [worker(0), worker(0)]
    const table = tableOf(a, b)
    a.load = 3
    table.update(a)
    expect([table.idle, table.waiting, table.size]).toEqual([1, 2, 2])
    expect(table.mostLoaded()).toBe(a)
    b.load = 1
    table.update(b)
    expect(table.findLeastLoaded(() => true)).toBe(b)
    a.load = 0
    table.update(a)
    expect(table.findLeastLoaded(() => true)).toBe(a)
    table.remove(a)
    table.remove(b)
    expect([table.idle, table.waiting, table.size]).toEqual([0, 0, 0])
    expect(table.findLeastLoaded(() => true)).toBeUndefined()
    table.add(a)
    expect(table.findLeastLoaded(() => true)).toBe(a)
  })

  test("takes equals in turn: whoever was served last comes last", () => {
    const workers = [worker(0), worker(0), worker(0)]
    const table = tableOf(...workers)
    const served = workers.map(() => {
      const next = table.findLeastLoaded(() => true) as FakeWorker
      next.load += 1
      table.update(next)
      return next
    })
    expect(served).toEqual(workers)
  })
})
