import { describe, expect, it } from "vitest"
import { AnswerQueue } from "../src/contestants/answer-queue.js"

describe("AnswerQueue", () => {
  it("gives answers to those who wait, in order", async () => {
    const queue = new AnswerQueue<number>()
    const seen: number[] = []
    const waiting = [queue.one(), queue.many(2, (answer) => seen.push(answer)), queue.one()]
    for (const answer of [1, 2, 3, 4]) queue.accept(answer)
    expect(await Promise.all(waiting)).toEqual([1, undefined, 4])
    expect(seen).toEqual([2, 3])
    expect(() => queue.accept(5)).toThrow("nobody waits")
  })

  it("rejects what waits and what comes later with the first failure", async () => {
    const queue = new AnswerQueue<number>()
    const waiting = queue.one()
    queue.fail(new Error("crashed"))
    queue.fail(new Error("closed"))
    await expect(waiting).rejects.toThrow("crashed")
    await expect(queue.many(1, () => {})).rejects.toThrow("crashed")
  })
})
