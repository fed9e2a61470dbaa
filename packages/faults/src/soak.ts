import { setTimeout as sleep } from "node:timers/promises"
import { Snakepit } from "@snakepit/core"
import { harmed, Load, steady } from "./soak-load.js"
import { type Sample, type Trend, takeSample, trends } from "./soak-samples.js"
import { type Launch, type TransportName, tools, transports } from "./workers.js"

export interface SoakOptions {
  readonly minutes: number
  readonly seed: number
  readonly transport: TransportName
  readonly launch: Launch
  /** Gets a line every ten seconds, and the table at the end. */
  readonly print: (line: string) => void
}

/** Shorter soaks do not judge growth: nothing has settled yet. */
export const judgedFromMinutes = 5

const sampleEveryMs = 5000
const tellEverySamples = 2
/** No call takes longer than its own timeout of 30 s. */
const patienceMs = 60_000

/** Runs every kind of load for a time. @returns what is wrong, as sentences. */
export async function soak(options: SoakOptions): Promise<string[]> {
  const { minutes, seed, print } = options
  print(`soak of ${minutes} min over ${options.transport}, ${options.launch}; seed ${seed}`)
  const pit = await startPools(options)
  const load = new Load(pit, seed)
  const loading = load.run()
  const samples = await watch(pit, load, options)
  load.stop()
  const ended = await Promise.race([loading.then(() => true), sleep(patienceMs, false, { ref: false })])
  const problems = [...load.counts.problems]
  const { issued, ended: settled } = load.counts
  if (!ended || issued !== settled) problems.push(`${issued - settled} of ${issued} calls never ended`)
  await pit.close()
  const found = trends(samples)
  for (const line of table(samples, found)) print(line)
  print(summary(load, pit))
  if (minutes < judgedFromMinutes) print(`growth is judged from ${judgedFromMinutes} minutes on`)
  else
    for (const { gauge, perHour, grows } of found)
      if (grows) problems.push(`${gauge} grows by ${perHour.toFixed(1)} an hour`)
  return problems
}

function startPools({ transport, launch }: SoakOptions): Promise<Snakepit> {
  const adapter = tools("soak:Soak", { launch })
  return Snakepit.start({
    adapter,
    transports: [transports[transport]()],
    logger: false,
    pools: {
      [steady]: { size: 2, queueTimeout: patienceMs / 2 },
      [harmed]: { size: 2, queueTimeout: patienceMs / 2, recycle: { maxRequests: 5000, ttl: "1 minute" } },
    },
  })
}

async function watch(pit: Snakepit, { counts }: Load, { minutes, print }: SoakOptions): Promise<Sample[]> {
  const begun = performance.now()
  const samples: Sample[] = []
  while (performance.now() - begun < minutes * 60_000) {
    await sleep(Math.min(sampleEveryMs, minutes * 60_000))
    const sample = takeSample(pit, (performance.now() - begun) / 60_000)
    samples.push(sample)
    if (samples.length % tellEverySamples !== 0) continue
    const { ended, values, harms, problems } = counts
    print(
      `${Math.round(sample.minutes * 60)} s: ${ended} calls, ${values} values, ${harms} workers harmed, ${problems.length} problems; ${show(sample)}`,
    )
  }
  return samples
}

function show(sample: Sample): string {
  const { minutes: _, ...values } = sample
  return Object.entries(values)
    .map(([gauge, value]) => `${gauge} ${value.toFixed(1)}`)
    .join(", ")
}

function table(samples: readonly Sample[], found: readonly Trend[]): string[] {
  const row = (...cells: string[]): string =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(20) : cell.padStart(12))).join("")
  return [
    `${samples.length} samples; after the warm-up:`,
    row("", "first", "last", "per hour"),
    ...found.map(({ gauge, first, last, perHour }) =>
      row(gauge, first.toFixed(1), last.toFixed(1), perHour.toFixed(1)),
    ),
  ]
}

function summary({ counts }: Load, pit: Snakepit): string {
  const errors = [...counts.errors].map(([tag, count]) => ` + ${count} ${tag}`).join("")
  const { crashes, requeued } = pit.stats()
  return `${counts.issued} calls = ${counts.values} values${errors}; ${crashes} crashes, ${requeued} put back`
}
