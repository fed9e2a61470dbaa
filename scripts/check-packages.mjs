import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { green, note, Stop, script } from "./lib/log.mjs"
import { bin } from "./lib/paths.mjs"
import { findPython } from "./lib/python.mjs"
import { serveRegistry } from "./lib/registry.mjs"
import { must, run } from "./lib/run.mjs"
import { packAll, packDependencies, workshop } from "./lib/tarballs.mjs"

const installed = ["@snakepit/core", "@snakepit/transport-json", "@snakepit/python-bridge"]
const unwanted = /grpc|msgpack|protobuf|connectrpc/

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

/** Installs the smallest useful set into an empty project, and runs a program there. */
async function checkInstalled(packed) {
  const project = join(workshop, "project")
  rmSync(project, { recursive: true, force: true })
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }))
  writeFileSync(join(project, "main.js"), program)
  await npmInstall(project, [...packed, ...(await packDependencies())])
  const names = installedNames(join(project, "node_modules"))
  note(`installed: ${names.join(", ")}`)
  const extra = names.filter((name) => unwanted.test(name))
  if (extra.length > 0) throw new Stop(`a minimal install brings ${extra.join(", ")}`)
  const { executable } = await findPython()
  await must(process.execPath, ["main.js"], {
    cwd: project,
    env: { SNAKEPIT_PYTHON: executable },
    timeout: 60_000,
  })
  console.log(green("✓ A minimal install works in an empty project."))
}

async function npmInstall(project, packages) {
  const registry = await serveRegistry(packages)
  const npmCache = join(workshop, "npm-cache")
  rmSync(npmCache, { recursive: true, force: true })
  const options = [
    `--registry=${registry.url}`,
    `--cache=${npmCache}`,
    "--noproxy=127.0.0.1",
    "--offline=false",
    "--ignore-scripts",
  ]
  try {
    await must("npm", ["install", ...options, ...installed], {
      cwd: project,
      capture: true,
      timeout: 120_000,
    })
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

const program = `
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"

const pit = await Snakepit.start({ adapter: python(), transports: [json()], pool: { size: 1 } })
const sum = await pit.execute("add", { a: 2, b: 3 })
await pit.close()
if (sum.result !== 5) throw new Error("add answered " + JSON.stringify(sum))
`

// The packages as a user gets them. `--static` checks the tarballs, `--install` uses them; default: both.
await script(async (flags) => {
  const all = flags.length === 0
  const packed = await packAll()
  if (all || flags.includes("--static")) await checkTarballs(packed)
  if (all || flags.includes("--install")) await checkInstalled(packed)
})
