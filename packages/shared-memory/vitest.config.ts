import { defineConfig } from "vitest/config"

// Elsewhere there is no such memory. One file at a time: several hundred megabytes move in some of them.
export default defineConfig({
  test: {
    include: process.platform === "linux" ? ["test/**/*.test.ts"] : [],
    passWithNoTests: process.platform !== "linux",
    testTimeout: 60_000,
    hookTimeout: 30_000,
    fileParallelism: false,
  },
})
