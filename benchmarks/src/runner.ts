import { bounded } from "./bounded.js"
import type { Contestant } from "./contestant.js"
import type { Entry, Measurement, Metric, Scenario } from "./scenario.js"
import { rotated, type Spread, spread } from "./statistics.js"

export interface Pace {
  readonly rounds: number
  /** How long one contestant is measured in one round, in ms. */
  readonly roundMs: number
  readonly warmupMs: number
}

export interface RunOptions {
  readonly python: string
  readonly pace: Pace
  /** Called with a line of text as things happen. */
  readonly progress: (line: string) => void
  /** Ends the run early; what was opened is closed. */
  readonly signal: AbortSignal
}

export interface ScenarioResult {
  readonly name: string
  readonly title: string
  readonly metrics: readonly Metric[]
  readonly contestants: readonly ContestantResult[]
}

export interface ContestantResult {
  readonly name: string
  /** What each round measured, in the order of the rounds. */
  readonly rounds: readonly Measurement[]
  readonly summary: Readonly<Record<string, Spread>>
}

/** No opening, round or closing may take longer, in ms. */
const patience = 60_000

/**
 * Opens every contestant, warms each up, then measures them round by round, each round in a rotated order.
 * @throws Error naming the contestant that failed or answered wrongly
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioResult> {
  const { pace, progress } = options
  const entries = new Map<Contestant, Entry>()
  const rounds = new Map<Contestant, Measurement[]>(scenario.contestants.map((each) => [each, []]))
  progress(`${scenario.name}: ${scenario.title}`)
  try {
    for (const contestant of scenario.contestants) {
      const entry = await guarded(contestant, options, () => scenario.prepare(contestant, options.python))
      entries.set(contestant, entry)
      await guarded(contestant, options, () => entry.measure(pace.warmupMs))
    }
    for (let round = 0; round < pace.rounds; round++) {
      for (const [contestant, entry] of rotated([...entries], round)) {
        const measured = await guarded(contestant, options, () => entry.measure(pace.roundMs))
        rounds.get(contestant)?.push(measured)
        progress(`  round ${round + 1}/${pace.rounds}  ${describe(contestant, measured, scenario.metrics)}`)
      }
    }
  } finally {
    await closeAll(entries)
  }
  return {
    name: scenario.name,
    title: scenario.title,
    metrics: scenario.metrics,
    contestants: [...rounds].map(([{ name }, measured]) => ({
      name,
      rounds: measured,
      summary: summarize(measured, scenario.metrics),
    })),
  }
}

/** The spread of each metric that every round measured. */
export function summarize(
  rounds: readonly Measurement[],
  metrics: readonly Metric[],
): Record<string, Spread> {
  return Object.fromEntries(
    metrics.flatMap(({ name }) => {
      const values = rounds.map((round) => round[name]).filter((value) => value !== undefined)
      return values.length > 0 && values.length === rounds.length ? [[name, spread(values)]] : []
    }),
  )
}

async function guarded<T>(contestant: Contestant, options: RunOptions, work: () => Promise<T>): Promise<T> {
  options.signal.throwIfAborted()
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(patience)])
  try {
    return await bounded(work(), signal)
  } catch (cause) {
    options.signal.throwIfAborted()
    throw new Error(`${contestant.name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

async function closeAll(entries: ReadonlyMap<Contestant, Entry>): Promise<void> {
  const closing = [...entries.values()].map((entry) => bounded(entry.close(), AbortSignal.timeout(patience)))
  const failed = (await Promise.allSettled(closing)).find((each) => each.status === "rejected")
  if (failed) throw new Error("a contestant could not be closed", { cause: failed.reason })
}

function describe({ name }: Contestant, measured: Measurement, metrics: readonly Metric[]): string {
  const values = metrics
    .filter((metric) => metric.better && measured[metric.name] !== undefined)
    .map((metric) => `${metric.name} ${measured[metric.name]?.toFixed(0)} ${metric.unit}`)
  return `${name.padEnd(18)}${values.join("  ")}`
}
