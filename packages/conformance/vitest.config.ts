import { defineConfig } from "vitest/config"

// A target waits for its worker most of the time, so two go on at once.
export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 30_000, hookTimeout: 30_000, maxWorkers: 2 },
})
