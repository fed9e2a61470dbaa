import { checks } from "./lib/checks.mjs"
import { dim, green, red, script, step, warn } from "./lib/log.mjs"
import { at, filesBelow, workspacePackages } from "./lib/paths.mjs"
import { ensureTestVenv, findEveryPython, NoVenv } from "./lib/python.mjs"
import { nodeTestSuite, programSuite, pytestSuite, vitestSuite } from "./lib/suites.mjs"
import { setup } from "./setup.mjs"

const hasVitest = ({ manifest }) => manifest.scripts?.test?.startsWith("vitest")

/** Suites that run side by side: each of them mostly waits, and uses one core at a time. */
const lanes = 2

/** Each suite makes its environment only when its turn comes, and only if it was asked for. */
async function everyPython() {
  const pythons = await findEveryPython()
  // One after the other, also of suites that run side by side: making them shares a folder for temporary files.
  let made = Promise.resolve()
  const environmentOf = (python) => {
    made = made.catch(() => {}).then(() => ensureTestVenv(python))
    return made
  }
  return pythons.map((python) =>
    inLane({
      name: `python 3.${python.minor}`,
      run: async () => pytestSuite(await environmentOf(python), python.minor).run(),
    }),
  )
}

/** The examples check themselves, and exit non-zero when anything is off. The first one runs over each transport. */
function examples() {
  const stories = filesBelow("apps/examples/src", ["main.ts"]).map((file) => file.split("/").at(-2))
  const overEach = ["msgpack", "json", "grpc"].map((transport) =>
    example("quickstart", ` over ${transport}`, { SNAKEPIT_TRANSPORTS: transport }),
  )
  return [...stories.filter((story) => story !== "quickstart").map((story) => example(story)), ...overEach]
}

function example(story, how = "", env = {}) {
  const program = at(`apps/examples/dist/${story}/main.js`)
  return inLane(programSuite(`example ${story}${how}`, process.execPath, [program], { env, capture: true }))
}

/** Others run at the same time, so what it says has to be kept together. */
const inLane = (suite) => ({ ...suite, inLane: true })

async function runAll(suites) {
  const results = new Map()
  const waiting = [...suites]
  const lane = async () => {
    while (waiting[0]?.inLane) await runOne(waiting.shift(), results)
  }
  while (waiting.length > 0) {
    if (waiting[0].inLane) await Promise.all(Array.from({ length: lanes }, lane))
    else await runOne(waiting.shift(), results)
  }
  return suites.map(({ name }) => ({ name, ...results.get(name) }))
}

async function runOne({ name, run }, results) {
  step(name)
  const result = await run().catch(failedToRun)
  if (result.output) console.log(`${name}:\n${result.output}`)
  for (const problem of result.problems) warn(`${name}: ${problem}`)
  results.set(name, result)
}

/** A Python without an environment, as when offline, is skipped aloud, but not on CI; setup made at least one. */
function failedToRun(error) {
  const skip = error instanceof NoVenv && !process.env.CI
  return { passed: 0, failed: skip ? 0 : 1, skipped: skip ? 1 : 0, problems: [error.message] }
}

/** Ends with one plain line of totals, without colour, that people and tools can read. */
function summary(results) {
  console.log()
  for (const { name, passed, failed, skipped } of results) {
    const mark = failed === 0 ? green("✓") : red("✗")
    const rest = [failed > 0 && red(`${failed} failed`), skipped > 0 && dim(`${skipped} skipped`)].filter(
      Boolean,
    )
    console.log(`${mark} ${[`${name}: ${passed} passed`, ...rest].join(", ")}`)
  }
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0)
  const skipped = total("skipped")
  console.log(
    `${total("passed")} passed, ${total("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
  )
  return total("failed") === 0 && total("passed") > 0 ? 0 : 1
}

// `npm test` runs everything; `npm test -- core python` the suites whose names contain one of the words. With `--full`
// the faults come in the numbers that nobody waits for every time.
await script(async (args) => {
  const words = args.filter((word) => word !== "--full")
  if (words.length < args.length) process.env.SNAKEPIT_FAULTS = "full"
  const python = await setup()
  const suites = [
    ...checks(python).map(({ name, command, args, ...options }) =>
      programSuite(`lint ${name}`, command, args, options),
    ),
    nodeTestSuite("scripts", filesBelow("scripts/test", [".test.mjs"])),
    ...workspacePackages().filter(hasVitest).map(vitestSuite),
    ...(await everyPython()),
    ...examples(),
    inLane(
      programSuite("installed packages", process.execPath, [at("scripts/check-packages.mjs"), "--install"], {
        capture: true,
      }),
    ),
  ]
  const chosen = suites.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
  return summary(await runAll(chosen))
})
