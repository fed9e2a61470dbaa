import { defineConfig } from "vitest/config"

// Two files at a time: storms and start-ups of dozens of processes would starve more of them.
export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 30_000, maxWorkers: 2 },
})
