import type { Contestant, Session } from "./contestant.js"
import { ownCpu, processCpu } from "./cpu.js"

export interface Metric {
  readonly name: string
  readonly unit: string
  /** Which way is good. Metrics without it explain the others and are not compared. */
  readonly better?: "higher" | "lower"
  /** It has a target of its own; to divide one contestant's number by another's would say nothing. */
  readonly alone?: boolean
}

/** One number for each metric; a metric that could not be measured is left out. */
export type Measurement = Readonly<Record<string, number>>

export interface Scenario {
  readonly name: string
  readonly title: string
  readonly metrics: readonly Metric[]
  readonly contestants: readonly Contestant[]
  /** The Snakepit contestant that the others are set against. Default: `snakepit-json`. */
  readonly reference?: string
  /** At most so many rounds, where one takes long. */
  readonly rounds?: number
  /** Not warmed up: each round starts from nothing, or leaves its beginning out by itself. */
  readonly cold?: boolean
  prepare(contestant: Contestant, python: string): Promise<Entry>
}

/** A contestant that is ready to be measured again and again. */
export interface Entry {
  /**
   * One round.
   * @param budget how long to go on, in ms; a single operation may take longer
   * @throws Error when the contestant answers wrongly
   */
  measure(budget: number): Promise<Measurement>
  close(): Promise<void>
}

/** What a round of calls did. */
export interface Work {
  readonly operations: number
  readonly metrics: Measurement
}

export const cpuMetrics: readonly Metric[] = [
  { name: "hostCpu", unit: "µs/op" },
  { name: "workerCpu", unit: "µs/op" },
]

/** An entry that keeps one worker open for all rounds and adds `cpuMetrics`. */
export async function withOneWorker(
  contestant: Contestant,
  python: string,
  round: (session: Session, budget: number) => Promise<Work>,
): Promise<Entry> {
  const session = await contestant.open({ python, workers: 1 })
  const pids = await session.pids()
  return {
    close: () => session.close(),
    measure: (budget) => withCpu(pids, () => round(session, budget)),
  }
}

/** What a round measured, with `cpuMetrics` for this process and the workers' together. */
export async function withCpu(pids: readonly number[], round: () => Promise<Work>): Promise<Measurement> {
  const host = ownCpu()
  const worker = processCpu(pids)
  const { operations, metrics } = await round()
  const workerAfter = processCpu(pids)
  return {
    ...metrics,
    hostCpu: (ownCpu() - host) / operations,
    ...(worker !== undefined &&
      workerAfter !== undefined && { workerCpu: (workerAfter - worker) / operations }),
  }
}

/** Six digits, so that every call has the same size. */
export const tinyValue = (n: number): number => 100_000 + (n % 900_000)

/** @throws Error when the answer is not what was sent. */
export function expectSame(answer: number, sent: number): void {
  if (answer !== sent) throw new Error(`wrong answer: sent ${sent}, got ${answer}`)
}
