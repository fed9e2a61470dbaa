import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { killLeftovers, markOf } from "./leftovers.mjs"
import { at, bin, cache, pythonPackage, readJson } from "./paths.mjs"
import { run } from "./run.mjs"

const minutes = 60_000
/** The long form of the faults takes its time. */
const timeout = () => (process.env.SNAKEPIT_FAULTS === "full" ? 120 : 10) * minutes

/**
 * A suite is `{ name, run }`; `run` resolves to `{ passed, failed, skipped, problems, output }`, where `output` is what
 * was not shown yet, and `problems` are sentences about failures that no single test stands for. Each problem counts as one failure.
 */
const counts = (numbers) => ({ passed: 0, failed: 0, skipped: 0, problems: [], ...numbers })

/** The vitest tests of one package. */
export function vitestSuite({ name, dir }) {
  const report = reportFile(name, "json")
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
  return suite(name, bin("vitest"), args, { cwd: at(dir) }, report, () => {
    const result = readJson(report)
    const skipped = result.numPendingTests + result.numTodoTests
    return counts({ passed: result.numPassedTests, failed: result.numFailedTests, skipped })
  })
}

/** The Python package's tests, run by one interpreter. */
export function pytestSuite(python, minor) {
  const name = `python 3.${minor}`
  const report = reportFile(name, "xml")
  // The default is a folder of the system's that pytest never empties.
  const temporary = join(cache, `pytest-3.${minor}`)
  const args = ["-m", "pytest", "--quiet", `--junitxml=${report}`, `--basetemp=${temporary}`]
  // Others run at the same time, so what it says is kept together.
  return suite(name, python, args, { cwd: pythonPackage, capture: true }, report, () => {
    const head = readFileSync(report, "utf8").match(/<testsuite [^>]*>/)?.[0] ?? ""
    const number = (attribute) => Number(head.match(new RegExp(`\\b${attribute}="(\\d+)"`))?.[1] ?? 0)
    const [failed, skipped] = [number("failures") + number("errors"), number("skipped")]
    return counts({ passed: number("tests") - failed - skipped, failed, skipped })
  })
}

/** Tests for node's own runner. */
export function nodeTestSuite(name, files, options = {}) {
  const report = reportFile(name, "tap")
  const args = ["--test", "--test-reporter=spec", "--test-reporter-destination=stdout"]
  const record = ["--test-reporter=tap", `--test-reporter-destination=${report}`]
  return suite(name, process.execPath, [...args, ...record, ...files], options, report, () => {
    const tap = readFileSync(report, "utf8")
    const number = (word) => Number(tap.match(new RegExp(`^# ${word} (\\d+)$`, "m"))?.[1] ?? 0)
    return counts({ passed: number("pass"), failed: number("fail"), skipped: number("skipped") })
  })
}

/** A program that checks itself: exit code 0 is one test passed. */
export function programSuite(name, command, args, options = {}) {
  return suite(name, command, args, options, undefined, (code) =>
    code === 0 ? counts({ passed: 1 }) : counts({ failed: 1 }),
  )
}

function suite(name, command, args, options, report, read) {
  return {
    name,
    async run() {
      if (report) rmSync(report, { force: true })
      mkdirSync(join(cache, "reports"), { recursive: true })
      const mark = markOf(name)
      const env = { VIRTUAL_ENV: undefined, ...mark, ...options.env }
      const { code, output } = await run(command, args, { timeout: timeout(), ...options, env })
      const result = report && !existsSync(report) ? counts({}) : read(code)
      const left = (await killLeftovers(mark, options.graceMs)).map(
        (process_) => `left a process behind: ${process_}`,
      )
      return { ...withProblems(result, code, left), output }
    },
  }
}

/** A runner that fails without a failed test (a file that does not load, a crash, no test at all) counts as a failure. */
function withProblems(result, code, left) {
  const silent = code !== 0 && result.failed === 0 ? [`ended with exit code ${code}, but no test failed`] : []
  const empty = code === 0 && result.passed === 0 ? ["ran no test"] : []
  const problems = [...silent, ...empty, ...left]
  return { ...result, problems, failed: result.failed + problems.length }
}

function reportFile(name, extension) {
  return join(cache, "reports", `${name.replace(/[^a-z0-9.]+/gi, "-")}.${extension}`)
}
