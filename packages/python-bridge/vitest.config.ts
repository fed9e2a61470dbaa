import { defineConfig } from "vitest/config"

// One file at a time: storms and start-ups of dozens of processes would starve each other.
export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 30_000, fileParallelism: false },
})
