import { builtinModules } from "node:module"

/** The folders of core, lowest first. A folder imports only from those before it; top-level files may import all. */
export const coreFolders = [
  "collections",
  "protocol",
  "errors",
  "telemetry",
  "adapter",
  "transport",
  "connection",
  "process",
  "worker",
  "pool",
  "session",
  "client",
  "testing",
]
const faces = coreFolders.length

function rankInCore(file) {
  const [folder, ...rest] = file.replace(/^packages\/core\/src\//, "").split("/")
  return rest.length === 0 ? faces : coreFolders.indexOf(folder)
}

/** Problems of core's modules: imports that point up, and folders that have no place in the order. */
export function coreProblems(modules) {
  return modules.flatMap(({ file, imports }) => {
    const own = rankInCore(file)
    if (own === -1)
      return [`${file}: its folder has no place in the order of core's folders (scripts/lib/layers.mjs)`]
    return imports
      .filter(({ target }) => target && rankInCore(target) > own)
      .map(({ target }) => `${file}: imports ${target}, which lies above it`)
  })
}

/** Problems of one package: imports that leave it otherwise than its place in the house allows. */
export function packageProblems({ dir, manifest }, modules) {
  const allowed = allowedPackages(manifest)
  return modules.flatMap(({ file, imports }) =>
    imports.flatMap(({ specifier, target }) => {
      if (target) return target.startsWith(`${dir}/`) ? [] : [`${file}: ${specifier} leaves its package`]
      const name = packageName(specifier)
      return isBuiltin(specifier) || allowed(name) ? [] : [`${file}: must not import ${name}`]
    }),
  )
}

/** A test of package names: what a package declares, less what its layer forbids. */
function allowedPackages(manifest) {
  const declared = new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }))
  const short = manifest.name.replace("@snakepit/", "")
  if (short === "core") return (name) => name === "effect"
  if (short === "python-bridge") return (name) => name === "@snakepit/core"
  if (manifest.private) return (name) => declared.has(name) || name in (manifest.devDependencies ?? {})
  const transports = (name) => name.startsWith("@snakepit/transport-")
  if (short.startsWith("transport-")) {
    return (name) => declared.has(name) && (name === "@snakepit/core" || !name.startsWith("@snakepit/"))
  }
  return (name) => declared.has(name) && !transports(name)
}

const packageName = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")
const isBuiltin = (specifier) => specifier.startsWith("node:") || builtinModules.includes(specifier)
