import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
/** Everything that the scripts keep between runs, other than `node_modules`, `dist`, `.turbo` and `.venv`. */
export const cache = join(root, ".cache")
export const venv = join(root, ".venv")
export const pythonPackage = join(root, "packages", "python-bridge", "python")

export const at = (...parts) => join(root, ...parts)
export const bin = (name) => at("node_modules", ".bin", name)

export function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"))
}

/** The folders that pnpm-workspace.yaml names, as `{ name, dir, manifest }`; `dir` is relative to `base`. */
export function workspacePackages(base = root) {
  const children = (folder) =>
    existsSync(join(base, folder)) ? readdirSync(join(base, folder)).map((name) => `${folder}/${name}`) : []
  return [...children("packages"), ...children("apps"), "benchmarks"]
    .filter((dir) => existsSync(join(base, dir, "package.json")))
    .map((dir) => ({ dir, manifest: readJson(join(base, dir, "package.json")) }))
    .map(({ dir, manifest }) => ({ name: manifest.name, dir, manifest }))
}

export function publishablePackages() {
  return workspacePackages().filter((pkg) => !pkg.manifest.private)
}

const skipped = new Set([
  "node_modules",
  "dist",
  "__pycache__",
  ".turbo",
  ".cache",
  ".venv",
  ".git",
  "coverage",
])

/** Every file below `folder` (relative to `base`, with `/`) whose name ends in one of `endings`, sorted. */
export function filesBelow(folder, endings, base = root) {
  if (!existsSync(join(base, folder))) return []
  const found = []
  for (const entry of readdirSync(join(base, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!skipped.has(entry.name) && !/\.egg-info$|_cache$/.test(entry.name))
        found.push(...filesBelow(path, endings, base))
    } else if (endings.some((ending) => entry.name.endsWith(ending))) found.push(path)
  }
  return found.sort()
}
