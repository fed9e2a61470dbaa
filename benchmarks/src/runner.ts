import { bounded } from "./bounded.js"
import type { Contestant } from "./contestant.js"
import type { Entry, Measurement, Metric, Scenario } from "./scenario.js"
import { rotated, type Spread, spread } from "./statistics.js"

export interface Pace {
  readonly rounds: number
  /** How long one contestant is measured in one round, in ms. */
  readonly roundMs: number
  /** 0: there is none. */
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
  /** See `Scenario`. */
  readonly reference?: string
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

/** Measures every contestant of a scenario. @throws Error naming the contestant that failed or answered wrongly */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioResult> {
  const { name, title, metrics, reference } = scenario
  const pace = ownPace(scenario, options.pace)
  const prepare = (contestant: Contestant) => scenario.prepare(contestant, options.python)
  const rounds = await measureRounds(
    { ...scenario, subjects: scenario.contestants, prepare },
    { ...options, pace },
  )
  const contestants = [...rounds].map(([contestant, measured]) => ({
    name: contestant.name,
    rounds: measured,
    summary: summarize(measured, metrics),
  }))
  return { name, title, metrics, ...(reference !== undefined && { reference }), contestants }
}

const ownPace = ({ rounds = Number.POSITIVE_INFINITY, cold }: Scenario, pace: Pace): Pace => ({
  rounds: Math.min(rounds, pace.rounds),
  roundMs: pace.roundMs,
  warmupMs: cold === true ? 0 : pace.warmupMs,
})

interface Named {
  readonly name: string
}

/** What is measured in the same rounds. */
export interface Plan<Subject extends Named> {
  readonly name: string
  readonly title: string
  readonly metrics: readonly Metric[]
  readonly subjects: readonly Subject[]
  prepare(subject: Subject): Promise<Entry>
}

/**
 * Opens every subject, warms each up, then measures them round by round, each round in a rotated order.
 * @returns what each round of each subject measured
 * @throws Error naming the subject that failed or answered wrongly
 */
export async function measureRounds<Subject extends Named>(
  plan: Plan<Subject>,
  options: Omit<RunOptions, "python">,
): Promise<ReadonlyMap<Subject, readonly Measurement[]>> {
  const { pace, progress } = options
  const entries = new Map<Subject, Entry>()
  const rounds = new Map<Subject, Measurement[]>(plan.subjects.map((each) => [each, []]))
  progress(`${plan.name}: ${plan.title}`)
  try {
    for (const subject of plan.subjects) {
      const entry = await guarded(subject, options, () => plan.prepare(subject))
      entries.set(subject, entry)
      if (pace.warmupMs > 0) await guarded(subject, options, () => entry.measure(pace.warmupMs))
    }
    for (let round = 0; round < pace.rounds; round++) {
      for (const [subject, entry] of rotated([...entries], round)) {
        const measured = await guarded(subject, options, () => entry.measure(pace.roundMs))
        rounds.get(subject)?.push(measured)
        progress(`  round ${round + 1}/${pace.rounds}  ${describe(subject, measured, plan.metrics)}`)
      }
    }
  } finally {
    await closeAll([...entries.values()])
  }
  return rounds
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

async function guarded<T>(
  { name }: Named,
  options: Pick<RunOptions, "signal">,
  work: () => Promise<T>,
): Promise<T> {
  options.signal.throwIfAborted()
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(patience)])
  try {
    return await bounded(work(), signal)
  } catch (cause) {
    options.signal.throwIfAborted()
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

async function closeAll(entries: readonly Entry[]): Promise<void> {
  const closing = entries.map((entry) => bounded(entry.close(), AbortSignal.timeout(patience)))
  const failed = (await Promise.allSettled(closing)).find((each) => each.status === "rejected")
  if (failed) throw new Error("a contestant could not be closed", { cause: failed.reason })
}

function describe({ name }: Named, measured: Measurement, metrics: readonly Metric[]): string {
  const values = metrics
    .filter((metric) => metric.better && measured[metric.name] !== undefined)
    .map((metric) => `${metric.name} ${Number(measured[metric.name]?.toPrecision(3))} ${metric.unit}`)
  return `${name.padEnd(24)}${values.join("  ")}`
}
