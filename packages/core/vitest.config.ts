import { defineConfig } from "vitest/config"

// Nothing takes long; a machine that does other work as well makes it so.
export default defineConfig({ test: { testTimeout: 30_000 } })
