import { defineConfig } from "vitest/config"

// One file at a time: several hundred megabytes move in some of them.
export default defineConfig({
  test: { include: ["test/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 30_000, fileParallelism: false },
})
