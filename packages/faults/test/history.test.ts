import { CallTimeout, PoolSaturated, QueueTimeout, ToolError, WorkerCrashed } from "@snakepit/core"
import { describe, expect, test } from "vitest"
import { type Ending, History, type Run } from "../src/history.js"

const value = (nonce: unknown): Ending => ({ kind: "value", nonce })
const error = (thrown: unknown): Ending => ({ kind: "error", error: thrown })
const run = (id: number, nonce: string): Run => ({ id, nonce })

const crashed = (started: boolean): WorkerCrashed =>
  new WorkerCrashed({ message: "gone", workerId: "w", tool: "t", pid: 1, started })
const timedOut = (started: boolean): CallTimeout =>
  new CallTimeout({ message: "late", tool: "t", timeoutMs: 1, started })
const queued = new QueueTimeout({ message: "late", pool: "p", tool: "t", waitedMs: 1 })
const saturated = new PoolSaturated({ message: "full", pool: "p", queued: 1, maxQueue: 1 })
const raised = new ToolError({ message: "no", tool: "t", type: "E", retryable: false, workerId: "w" })

/** The kinds of violations of one call with the nonce `mine`. */
function kindsOf(endings: readonly Ending[], runs?: readonly Run[], idempotent = false): string[] {
  const history = new History()
  const id = history.issue("mine", idempotent)
  for (const ending of endings) history.end(id, ending)
  return history.check(runs).map(({ kind }) => kind)
}

describe("a history without fault has", () => {
  test.each<[string, readonly Ending[], readonly Run[]]>([
    ["a value of one run", [value("mine")], [run(0, "mine")]],
    ["an error of the tool", [error(raised)], [run(0, "mine")]],
    ["a crash in its run", [error(crashed(true))], [run(0, "mine")]],
    ["a crash that may have been before its run", [error(crashed(true))], []],
    ["a crash before its run", [error(crashed(false))], []],
    ["a refusal", [error(saturated)], []],
  ])("%s", (_, endings, runs) => {
    expect(kindsOf(endings, runs)).toEqual([])
  })

  test("several runs of a call that says that it may be repeated", () => {
    expect(kindsOf([value("mine")], [run(0, "mine"), run(0, "mine")], true)).toEqual([])
  })
})

describe("found in a forged history is", () => {
  test.each<[string, readonly Ending[], readonly Run[] | undefined]>([
    ["lost", [], undefined],
    ["duplicated", [value("mine"), value("mine")], undefined],
    ["duplicated", [value("mine"), error(raised)], undefined],
    ["crossed", [value("another's")], undefined],
    ["crossed", [value(null)], undefined],
    ["untyped", [error(new TypeError("not of ours"))], undefined],
    ["untyped", [error({ _tag: "WorkerCrashed" })], undefined],
    ["ran-twice", [value("mine")], [run(0, "mine"), run(0, "mine")]],
    ["ran-twice", [error(crashed(true))], [run(0, "mine"), run(0, "mine")]],
    ["ran-although-never-started", [error(crashed(false))], [run(0, "mine")]],
    ["ran-although-never-started", [error(timedOut(false))], [run(0, "mine")]],
    ["ran-although-never-started", [error(queued)], [run(0, "mine")]],
    ["ran-although-never-started", [error(saturated)], [run(0, "mine")]],
    ["value-without-run", [value("mine")], []],
    ["unknown-run", [value("mine")], [run(0, "mine"), run(7, "nobody's")]],
  ])("%s", (kind, endings, runs) => {
    expect(kindsOf(endings, runs)).toEqual([kind])
  })

  test("a run under the nonce of another call", () => {
    expect(kindsOf([value("mine")], [run(0, "another's")])).toEqual(["unknown-run"])
  })
})

test("calls are counted: issued, accepted, and by their endings", () => {
  const history = new History()
  for (const ending of [value("a"), error(saturated), error(raised)]) history.end(history.issue("a"), ending)
  expect(history).toMatchObject({ issued: 3, accepted: 2 })
  expect(Object.fromEntries(history.tally())).toEqual({ value: 1, PoolSaturated: 1, ToolError: 1 })
})
