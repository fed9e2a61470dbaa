import { cpSync, existsSync, mkdirSync, realpathSync, rmSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { Stop } from "./log.mjs"
import { at, cache, publishablePackages, readJson } from "./paths.mjs"
import { pnpm } from "./pnpm.mjs"
import { must } from "./run.mjs"

export const workshop = join(cache, "packages")

/** Packs every publishable package as it would be published. @returns `[{ name, manifest, tarball }]` */
export async function packAll() {
  const folder = join(workshop, "own")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packed = []
  for (const { name, dir, manifest } of publishablePackages()) {
    await pnpm(["pack", "--pack-destination", folder], { cwd: at(dir), capture: true })
    const tarball = join(folder, tarballName(manifest))
    packed.push({ name, manifest: await manifestIn(tarball), tarball })
  }
  return packed
}

/** What the publishable packages need from others, packed from this clone's own installation: no network. */
export async function packDependencies() {
  const folder = join(workshop, "needed")
  mkdirSync(folder, { recursive: true })
  const packed = []
  for (const dir of installedClosure()) {
    const manifest = readJson(join(dir, "package.json"))
    const tarball = join(folder, tarballName(manifest))
    if (!existsSync(tarball)) await packAsItIs(dir, tarball)
    packed.push({ name: manifest.name, manifest, tarball })
  }
  return packed
}

/** What is installed was published already, and `npm pack` stumbles over some of it. */
async function packAsItIs(dir, tarball) {
  const scratch = join(workshop, "scratch")
  rmSync(scratch, { recursive: true, force: true })
  const own = (path) => !relative(dir, path).split(sep).includes("node_modules")
  cpSync(dir, join(scratch, "package"), { recursive: true, dereference: true, filter: own })
  await must("tar", ["-czf", tarball, "-C", scratch, "package"], { capture: true })
}

function installedClosure() {
  const found = new Set()
  const visit = (dir) => {
    for (const name of Object.keys(readJson(join(dir, "package.json")).dependencies ?? {})) {
      if (name.startsWith("@snakepit/")) continue
      const installed = installedFrom(dir, name)
      if (found.has(installed)) continue
      found.add(installed)
      visit(installed)
    }
  }
  for (const { dir } of publishablePackages()) visit(at(dir))
  return found
}

/** Where Node would find a package from a folder. */
function installedFrom(folder, name) {
  for (let dir = folder; dir !== dirname(dir); dir = dirname(dir)) {
    const candidate = join(dir, "node_modules", name)
    if (existsSync(candidate)) return realpathSync(candidate)
  }
  throw new Stop(`${folder} depends on ${name}, which is not installed`)
}

async function manifestIn(tarball) {
  return JSON.parse(await must("tar", ["-xOzf", tarball, "package/package.json"], { capture: true }))
}

const tarballName = ({ name, version }) => `${name.replace("@", "").replace("/", "-")}-${version}.tgz`
