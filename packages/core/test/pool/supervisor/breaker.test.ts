import { describe, expect, test } from "vitest"
import { Breaker } from "../../../src/pool/supervisor/breaker.js"

const policy = { failures: 5, cooldownMs: 30_000, halfOpen: 1 }

/** A breaker, and the states that it has told of. */
function made(more: Partial<typeof policy> = {}) {
  const states: string[] = []
  const breaker = new Breaker({ ...policy, ...more }, (state) => states.push(state))
  const fail = (times: number, now = 0): void => {
    for (let failure = 0; failure < times; failure += 1) breaker.failed(now)
  }
  return { breaker, states, fail }
}

const call = (): object => ({})

describe("a circuit breaker", () => {
  test("opens at five failures in a row, and says when to come again", () => {
    const { breaker, states, fail } = made()
    fail(4)
    expect(breaker.refusal(0)).toBeUndefined()
    fail(1, 1000)
    expect(breaker.refusal(1000)).toBe(30_000)
    expect(breaker.refusal(30_999)).toBe(1)
    expect(states).toEqual(["open"])
  })

  test("does not when a call was answered in between", () => {
    const { breaker, fail } = made()
    for (let round = 0; round < 5; round += 1) {
      fail(4)
      breaker.answered(call())
    }
    expect(breaker.state).toBe("closed")
  })

  test("lets one call through after the cooldown, and closes when that is answered", () => {
    const { breaker, states, fail } = made()
    fail(5)
    const trial = call()
    expect(breaker.refusal(30_000)).toBeUndefined()
    breaker.accepted(trial)
    expect(breaker.refusal(30_001)).toBe(30_000)
    breaker.answered(trial)
    expect(breaker.refusal(30_001)).toBeUndefined()
    expect(states).toEqual(["open", "half_open", "closed"])
    fail(4)
    expect(breaker.state).toBe("closed")
  })

  test("opens again at the first failure of its trial, for another cooldown", () => {
    const { breaker, states, fail } = made()
    fail(5)
    breaker.accepted(call())
    fail(1, 40_000)
    expect(breaker.refusal(69_999)).toBe(1)
    expect(breaker.refusal(70_000)).toBeUndefined()
    expect(states).toEqual(["open", "half_open", "open"])
  })

  test("lets another call try when the trial has ended without a verdict", () => {
    const { breaker, fail } = made()
    fail(5)
    const trial = call()
    breaker.accepted(trial)
    breaker.ended(trial)
    expect(breaker.state).toBe("half_open")
    expect(breaker.refusal(30_001)).toBeUndefined()
  })

  test("is not closed by what was accepted before it opened, nor kept open by it", () => {
    const { breaker, fail } = made()
    fail(5)
    breaker.answered(call())
    expect(breaker.state).toBe("open")
    fail(9, 29_999)
    expect(breaker.refusal(30_000)).toBeUndefined()
  })

  test("lets as many through as it is told to", () => {
    const { breaker, fail } = made({ failures: 1, halfOpen: 2 })
    fail(1)
    breaker.accepted(call())
    expect(breaker.refusal(30_000)).toBeUndefined()
    breaker.accepted(call())
    expect(breaker.refusal(30_000)).toBe(30_000)
  })
})
