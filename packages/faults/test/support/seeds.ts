import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { chosenSeed } from "../../src/random.js"

const folder = new URL("../../seeds/", import.meta.url)

/**
 * Runs something random for each seed that it failed with before (`seeds/NAME.json`), then for a new one, or the one
 * of `SNAKEPIT_SEED`. A seed that fails is named, and kept in that file: check it in with the repair.
 */
export async function withSeeds(name: string, run: (seed: number) => unknown): Promise<void> {
  const file = new URL(`${name}.json`, folder)
  const kept: readonly number[] = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : []
  const fresh = chosenSeed()
  console.log(`${name}: SNAKEPIT_SEED=${fresh}`)
  for (const seed of new Set([...kept, fresh])) {
    try {
      await run(seed)
    } catch (error) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, `${JSON.stringify([...new Set([...kept, seed])])}\n`)
      throw new Error(`"${name}" fails with SNAKEPIT_SEED=${seed}`, { cause: error })
    }
  }
}
