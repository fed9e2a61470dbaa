import { expect, test } from "vitest"
import { MemoryBackend } from "../../src/session/memory-backend.js"
import { backendContract } from "./backend-contract.js"
import { OptimisticBackend } from "./optimistic-backend.js"

backendContract("in memory", () => new MemoryBackend())
backendContract("with optimistic writers", () => new OptimisticBackend())

test("the backend in memory keeps no empty scope", async () => {
  const backend = new MemoryBackend()
  await backend.update("s", ["a"], () => new Map([["a", 1]]))
  expect(backend.size).toBe(1)
  await backend.update("s", ["a"], () => new Map([["a", undefined]]))
  expect(backend.size).toBe(0)
  await backend.update("s", ["a"], () => new Map())
  expect(backend.size).toBe(0)
})

test("optimistic writers do meet", async () => {
  const backend = new OptimisticBackend()
  const writes = Array.from({ length: 20 }, (_, n) => backend.update("s", ["a"], () => new Map([["a", n]])))
  await Promise.all(writes)
  expect(backend.retries).toBeGreaterThan(0)
})
