import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { green, note, Stop, script } from "./lib/log.mjs"
import { bin, venv } from "./lib/paths.mjs"
import { findPython, pythonOf } from "./lib/python.mjs"
import { serveRegistry } from "./lib/registry.mjs"
import { must, run } from "./lib/run.mjs"
import { packAll, packDependencies, workshop } from "./lib/tarballs.mjs"

const minimal = ["@snakepit/core", "@snakepit/transport-json", "@snakepit/python-bridge"]
const complete = [...minimal, "@snakepit/transport-msgpack", "@snakepit/transport-grpc"]
const unwanted = /grpc|msgpack|protobuf|connectrpc|koffi/

async function checkTarballs(packed) {
  const failed = []
  for (const { name, tarball } of packed) {
    const results = [
      await run(bin("publint"), ["run", tarball, "--strict"], { capture: true }),
      await run(bin("attw"), [tarball, "--profile", "esm-only", "--format", "table"], { capture: true }),
    ]
    for (const { code, output } of results) if (code !== 0) console.error(output)
    if (results.some(({ code }) => code !== 0)) failed.push(name)
  }
  if (failed.length > 0) throw new Stop(`publint or attw found fault with ${failed.join(", ")}`)
  console.log(green(`✓ ${packed.length} tarballs are fit to publish.`))
}

/** Installs packages into an empty project, as a user would. */
async function install(packed, { folder, wanted, program }) {
  const project = join(workshop, folder)
  rmSync(project, { recursive: true, force: true })
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
  writeFileSync(join(project, "main.js"), program)
  await npmInstall(project, wanted, packed)
  return project
}

async function checkMinimal(packed) {
  const project = await install(packed, {
    folder: "minimal",
    wanted: minimal,
    program: programOver(["json"]),
  })
  const names = installedNames(join(project, "node_modules"))
  note(`installed: ${names.join(", ")}`)
  const extra = names.filter((name) => unwanted.test(name))
  if (extra.length > 0) throw new Stop(`a minimal install brings ${extra.join(", ")}`)
  const { executable } = await findPython()
  await runProject(project, { SNAKEPIT_PYTHON: executable })
  console.log(green("✓ A minimal install works in an empty project, and brings no other transport."))
}

async function checkComplete(packed) {
  const transports = ["msgpack", "json", "grpc"]
  const program = programOver(transports)
  const project = await install(packed, { folder: "complete", wanted: complete, program })
  for (const name of transports) {
    await runProject(project, { SNAKEPIT_PYTHON: pythonOf(venv), SNAKEPIT_TRANSPORTS: name })
  }
  console.log(green(`✓ An install of everything works over ${transports.join(", ")}.`))
}

const runProject = (cwd, env) => must(process.execPath, ["main.js"], { cwd, env, timeout: 60_000 })

async function npmInstall(project, wanted, packages) {
  const registry = await serveRegistry(packages)
  const npmCache = join(workshop, "npm-cache")
  rmSync(npmCache, { recursive: true, force: true })
  const options = [
    `--registry=${registry.url}`,
    `--cache=${npmCache}`,
    "--noproxy=127.0.0.1",
    "--offline=false",
    "--ignore-scripts",
    "--omit=optional",
  ]
  try {
    await must("npm", ["install", ...options, ...wanted], { cwd: project, capture: true, timeout: 120_000 })
  } finally {
    registry.close()
  }
}

function installedNames(modules) {
  const visible = readdirSync(modules).filter((name) => !name.startsWith("."))
  return visible.flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  )
}

const programOver = (names) => `
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
${names.map((name) => `import { ${name} } from "@snakepit/transport-${name}"`).join("\n")}

const transports = [${names.map((name) => `${name}()`).join(", ")}]
const pit = await Snakepit.start({ adapter: python(), transports, pool: { size: 1 } })
const [{ transport }] = pit.workers()
const sum = await pit.execute("add", { a: 2, b: 3 })
await pit.close()
if (sum.result !== 5) throw new Error("add answered " + JSON.stringify(sum))
const wanted = process.env.SNAKEPIT_TRANSPORTS ?? "json"
if (transport !== wanted) throw new Error("it ran over " + transport + ", not over " + wanted)
`

// The packages as a user gets them. `--static` checks the tarballs, `--install` uses them; default: both.
await script(async (flags) => {
  const all = flags.length === 0
  const packed = await packAll()
  if (all || flags.includes("--static")) await checkTarballs(packed)
  if (!all && !flags.includes("--install")) return
  const packages = [...packed, ...(await packDependencies())]
  await checkMinimal(packages)
  await checkComplete(packages)
})
