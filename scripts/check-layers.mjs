import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { cyclesIn, modulesBelow } from "./lib/imports.mjs"
import { coreProblems, packageProblems } from "./lib/layers.mjs"
import { green, script } from "./lib/log.mjs"
import { at, filesBelow, root, workspacePackages } from "./lib/paths.mjs"
import { findPython, pythonOf } from "./lib/python.mjs"
import { must } from "./lib/run.mjs"

const maxFileLines = 300
const maxFunctionLines = 60

function importProblems(pkg, base) {
  const modules = modulesBelow(`${pkg.dir}/src`, base)
  return [
    ...packageProblems(pkg, modules),
    ...(pkg.dir === "packages/core" ? coreProblems(modules) : []),
    ...cyclesIn(modules).map((cycle) => `import cycle: ${cycle.join(" → ")}`),
  ]
}

function pythonSources(packages, base) {
  return packages.flatMap(({ dir }) => filesBelow(`${dir}/python/src`, [".py"], base))
}

function longFiles(packages, base) {
  const typescript = packages.flatMap(({ dir }) => filesBelow(`${dir}/src`, [".ts", ".tsx", ".mts"], base))
  return [...typescript, ...pythonSources(packages, base)]
    .filter((file) => !file.includes("/gen/"))
    .map((file) => ({ file, lines: readFileSync(join(base, file), "utf8").split("\n").length - 1 }))
    .filter(({ lines }) => lines > maxFileLines)
    .map(({ file, lines }) => `${file}: has ${lines} lines, at most ${maxFileLines} are allowed`)
}

async function longPythonFunctions(packages, base) {
  const files = pythonSources(packages, base)
  if (files.length === 0) return []
  const venvPython = pythonOf(at(".venv"))
  const python = existsSync(venvPython) ? venvPython : (await findPython()).executable
  const checker = at("scripts/lib/long_functions.py")
  const report = await must(python, [checker, String(maxFunctionLines), ...files], {
    cwd: base,
    capture: true,
  })
  return report.split("\n").filter((line) => line !== "")
}

// The house rules that no linter knows. TypeScript's function length is biome's to check, see biome.json.
await script(async ([folder = root]) => {
  const base = resolve(folder)
  const packages = workspacePackages(base)
  const problems = [
    ...packages.flatMap((pkg) => importProblems(pkg, base)),
    ...longFiles(packages, base),
    ...(await longPythonFunctions(packages, base)),
  ]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return 1
  console.log(green("✓ Imports point down, no cycles, no long files or Python functions."))
})
