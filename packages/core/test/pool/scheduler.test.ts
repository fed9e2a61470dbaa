import { describe, expect, test } from "vitest"
import { LoadTable, maxLooks } from "../../src/pool/dispatch/load-table.js"
import {
  chooseVictim,
  chooseWorker,
  type Schedulable,
  stalledWorkers,
  stallMs,
} from "../../src/pool/dispatch/scheduler.js"

const maxInFlight = 32

interface FakeWorker extends Schedulable {
  load: number
  concurrency: number
  headSince: number
}

function worker(load: number, more: Partial<FakeWorker> = {}): FakeWorker {
  return {
    load,
    concurrency: 1,
    canRecall: true,
    writable: true,
    live: true,
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

const choose = (table: LoadTable<FakeWorker>, home?: FakeWorker, now = 0) =>
  chooseWorker(table, { home, changed: undefined, atOnce: false, mayBe: () => true }, maxInFlight, now)

const leastLoaded = (table: LoadTable<FakeWorker>) => choose(table)

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

  test("sends what must start at once to an idle worker, or to nobody", () => {
    const [busy, other] = [worker(1), worker(1)]
    const table = tableOf(busy, other)
    const wish = { home: busy, changed: other, atOnce: true, mayBe: () => true }
    expect(chooseWorker(table, wish, maxInFlight, 0)).toBeUndefined()
    const idle = worker(0)
    table.add(idle)
    expect(chooseWorker(table, wish, maxInFlight, 0)).toBe(idle)
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

  test("looks at few of those without room, and not again until they change", () => {
    const slow = Array.from({ length: 2 * maxLooks }, () => worker(1))
    const quick = worker(1, { headSince: 100 })
    const table = tableOf(...slow, quick)
    expect([choose(table, undefined, 100), choose(table, undefined, 100)]).toEqual([undefined, undefined])
    expect(choose(table, undefined, 100)).toBe(quick)
    const [first] = slow
    if (first !== undefined) first.headSince = 100
    quick.load = maxInFlight
    expect(choose(table, undefined, 100)).toBeUndefined()
    table.update(first ?? quick)
    expect(choose(table, undefined, 100)).toBe(first)
  })

  test("lets the call wait when every worker holds as much as it may", () => {
    expect(choose(tableOf(worker(maxInFlight), worker(maxInFlight)))).toBeUndefined()
    expect(choose(tableOf())).toBeUndefined()
  })
})

describe("workers that run several calls at a time", () => {
  test("an idle slot anywhere is better than to wait behind another call", () => {
    const [roomy, narrow] = [worker(15, { concurrency: 16 }), worker(1)]
    expect(choose(tableOf(narrow, roomy))).toBe(roomy)
    expect(choose(tableOf(worker(3, { concurrency: 16 }), worker(2, { concurrency: 4 })))?.load).toBe(2)
  })

  test("when all slots are taken, the worker where the fewest wait for each", () => {
    const [many, few] = [worker(20, { concurrency: 4 }), worker(17, { concurrency: 16 })]
    expect(choose(tableOf(many, few))).toBe(few)
    expect(chooseVictim(tableOf(few, many))).toEqual({ victim: many, calls: 8 })
  })

  test("a slot that is written off is not counted any more, also when nobody has said so", () => {
    const [wearing, other] = [worker(3, { concurrency: 4 }), worker(2)]
    const table = tableOf(wearing, other)
    wearing.concurrency = 3
    expect([table.hasIdle, choose(table)]).toEqual([true, wearing])
    wearing.headSince = -2 * stallMs
    expect([choose(table), table.hasIdle]).toEqual([other, false])
    wearing.load = 2
    table.update(wearing)
    expect([table.hasIdle, choose(table)]).toEqual([true, wearing])
    wearing.concurrency = 0
    wearing.load = 0
    table.update(wearing)
    expect(choose(table)).toBe(other)
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
    expect(table.mostLoaded).toBe(a)
    b.load = 1
    table.update(b)
    expect(leastLoaded(table)).toBe(b)
    a.load = 0
    table.update(a)
    expect(leastLoaded(table)).toBe(a)
    table.remove(a)
    table.remove(b)
    expect([table.idle, table.waiting, table.size]).toEqual([0, 0, 0])
    expect(leastLoaded(table)).toBeUndefined()
    table.add(a)
    expect(leastLoaded(table)).toBe(a)
  })

  test("takes equals in turn: whoever was served last comes last", () => {
    const workers = [worker(0), worker(0), worker(0)]
    const table = tableOf(...workers)
    const served = workers.map(() => {
      const next = leastLoaded(table) as FakeWorker
      next.load += 1
      table.update(next)
      return next
    })
    expect(served).toEqual(workers)
  })
})
