import { readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { filesBelow } from "./paths.mjs"

const comment = /^[ \t]*(?:\/\*[\s\S]*?\*\/|\/\/.*$)/gm
const statement = /^[ \t]*(?:import|export)\b(?:[^"'`;]*?\bfrom)?\s*["']([^"']+)["']/gm
const dynamic = /\bimport\(\s*["']([^"']+)["']/g

/** The specifiers that a TypeScript module names, types included, in the order they appear. */
export function importsOf(source) {
  const code = source.replace(comment, "")
  return [...code.matchAll(statement), ...code.matchAll(dynamic)].map((match) => match[1])
}

/**
 * The modules of one folder as `{ file, imports: [{ specifier, target }] }`.
 * `target` is the source file that a relative import means, with `/`, relative to `base`.
 */
export function modulesBelow(folder, base) {
  return filesBelow(folder, [".ts", ".tsx", ".mts"], base).map((file) => ({
    file,
    imports: importsOf(readFileSync(join(base, file), "utf8")).map((specifier) => ({
      specifier,
      target: specifier.startsWith(".") ? sourceOf(file, specifier) : undefined,
    })),
  }))
}

function sourceOf(importer, specifier) {
  return posix.join(posix.dirname(importer), specifier).replace(/\.(m?)js$/, ".$1ts")
}

/** @returns one file list for each cycle found, the first file repeated at the end; each file is visited once. */
export function cyclesIn(modules) {
  const graph = new Map(modules.map(({ file, imports }) => [file, imports.map((i) => i.target)]))
  const cycles = []
  const done = new Set()
  const visit = (file, path) => {
    if (path.includes(file)) return cycles.push([...path.slice(path.indexOf(file)), file])
    if (done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return cycles
}
