import { defineConfig } from "vitest/config"

// Nothing takes long; a machine that does other work as well makes it so. Half of it is loading, so two files at once.
export default defineConfig({ test: { testTimeout: 30_000, maxWorkers: 2 } })
