import type { Entry, Scenario } from "../scenario.js"

/** How something is made ready with this Python interpreter. */
export type Way = (python: string) => Promise<Entry>

/** The contestants of a scenario that nobody else takes part in: ways to use Snakepit, by name. */
export function ways(
  byName: Readonly<Record<string, Way>>,
  needs: readonly string[],
): Pick<Scenario, "contestants" | "prepare"> {
  const open = () => Promise.reject(new Error("it takes part in one scenario alone"))
  return {
    contestants: Object.keys(byName).map((name) => ({ name, needs, open })),
    prepare: async ({ name }, python) => {
      const way = byName[name]
      if (way === undefined) throw new Error(`there is no way called ${name}`)
      return way(python)
    },
  }
}
