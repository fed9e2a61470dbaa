import { defineConfig } from "vitest/config"

const minutes = 60_000
const full = process.env.SNAKEPIT_FAULTS === "full"

// Two files at a time: one more would starve the workers of the others, and storms want the machine as it is.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: full ? 30 * minutes : minutes,
    hookTimeout: minutes,
    maxWorkers: 2,
  },
})
