import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

export const root = resolve(import.meta.dirname, "../../..")

/** Where programs are written: a folder from which packages, and the project's `.venv`, are found. */
export const workshop = resolve(import.meta.dirname, "../dist/snippets")

/** Blocks of a page that run together: from one that imports `Snakepit` to the next one. */
export interface Program {
  readonly page: string
  /** The line of the page that it starts at. */
  readonly line: number
  readonly folder: string
  readonly code: string
  /** What the page says it prints; `…` stands for anything. */
  readonly outputs: readonly string[]
}

interface Block {
  readonly language: string
  readonly code: string
  readonly line: number
}

/** Fenced blocks, and code that readers need not see: `<!-- ts … -->`. */
const blockPattern = /^```(\w+)\n([\s\S]*?)^```$|^<!-- (ts|python)\n([\s\S]*?)^-->$/gm

export function pages(): string[] {
  const guides = readdirSync(join(root, "docs", "guides")).map((name) => `docs/guides/${name}`)
  const packages = [
    "core",
    "transport-json",
    "transport-msgpack",
    "transport-grpc",
    "shared-memory",
    "python-bridge",
    "python-bridge/python",
  ]
  return [
    "README.md",
    "apps/examples/README.md",
    "CONTRIBUTING.md",
    "docs/ARCHITECTURE.md",
    ...guides,
    ...packages.map((name) => `packages/${name}/README.md`),
  ]
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), "utf8")
  return [...text.matchAll(blockPattern)].map((match) => ({
    language: match[1] ?? match[3] ?? "",
    code: match[2] ?? match[4] ?? "",
    line: text.slice(0, match.index).split("\n").length,
  }))
}

/** Writes a page's Python files and programs into a folder of its own. */
export function writePrograms(page: string): Program[] {
  const folder = join(workshop, page.replace(/\.md$/, "").replaceAll("/", "-"))
  mkdirSync(folder, { recursive: true })
  const blocks = blocksOf(page)
  for (const { language, code, line } of blocks) {
    const name = language === "python" ? pythonName(code, `${page}:${line}`) : moduleName(code)
    if (name !== undefined) writeFileSync(join(folder, name), code)
  }
  const programs = programsOf(page, folder, blocks)
  for (const { code, line } of programs) writeFileSync(join(folder, `line-${line}.ts`), code)
  return programs
}

function programsOf(page: string, folder: string, blocks: readonly Block[]): Program[] {
  const programs: { page: string; folder: string; line: number; code: string; outputs: string[] }[] = []
  for (const { language, code, line } of blocks) {
    if (moduleName(code) !== undefined) continue
    const begins = language === "ts" && (programs.length === 0 || /\bimport .*\bSnakepit\b/.test(code))
    if (begins) programs.push({ page, folder, line, code: "", outputs: [] })
    const program = programs.at(-1)
    if (language === "ts" && program !== undefined) program.code += `${code}\n`
    if (language === "text" && program !== undefined) program.outputs.push(code)
  }
  return programs
}

/** A Python block is a file, and its first line says which. */
function pythonName(code: string, place: string): string {
  const name = code.match(/^# (\w+\.py)\n/)?.[1]
  if (name === undefined) throw new Error(`${place}: a Python block begins with "# its_name.py"`)
  return name
}

/** A TypeScript block that begins with `// its-name.ts` is a module for the others. */
function moduleName(code: string): string | undefined {
  return code.match(/^\/\/ ([\w-]+\.ts)\n/)?.[1]
}

/** The expected output as a pattern. */
export function outputPattern(output: string): RegExp {
  const parts = output.trimEnd().split("…")
  return new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[\\s\\S]*?"))
}

export const compiled = ({ folder, line }: Program) => join(folder, `line-${line}.js`)
