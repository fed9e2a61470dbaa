import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, symlinkSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { folder, interpreter } from "./helpers.js"

/** What each transport needs in Python: names that can be imported. */
const needs = {
  msgpack: ["msgpack"],
  grpc: ["grpc", "google.protobuf", "google._upb", "typing_extensions"],
} as const

export type Library = keyof typeof needs

/** A virtual environment that has only the libraries for these transports, linked from the one of the tests. */
export async function venvWith(...libraries: readonly Library[]): Promise<string> {
  const venv = join(await folder(), "venv")
  const python = await interpreter()
  run(python, ["-m", "venv", "--without-pip", venv])
  const site = run(join(venv, "bin", "python"), [
    "-c",
    "import sysconfig; print(sysconfig.get_path('purelib'))",
  ])
  for (const module of libraries.flatMap((library) => needs[library])) link(python, module, site)
  return venv
}

function link(python: string, module: string, site: string): void {
  const find = `import importlib.util as u; s = u.find_spec(${JSON.stringify(module)}); print(s.origin)`
  const origin = run(python, ["-c", find])
  const source = basename(origin) === "__init__.py" ? dirname(origin) : origin
  const target = join(site, ...module.split(".").slice(0, -1), basename(source))
  mkdirSync(dirname(target), { recursive: true })
  if (!existsSync(target)) symlinkSync(source, target)
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8" }).trim()
}
