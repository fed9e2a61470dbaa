import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { green, note, Stop, script } from "./lib/log.mjs"
import { at, cache, pythonPackage, venv } from "./lib/paths.mjs"
import { findEveryPython, pythonOf } from "./lib/python.mjs"
import { must, run } from "./lib/run.mjs"

const proto = "snakepit/v1/worker.proto"
const typescript = at("packages/transport-grpc/src/gen/snakepit/v1/worker_pb.ts")
const python = join(pythonPackage, "src/snakepit_bridge/_transports/gen")
const scratch = join(cache, "generate")
const tool = (name) => at("packages/transport-grpc/node_modules/.bin", name)

// The newest whose code runs with every protobuf from 4.25 on; it works on Python 3.12 and older.
const pythonTools = ["grpcio-tools==1.62.3", "setuptools<80"]
const newestForTools = 12

/** What protoc-gen-es makes of the protocol. Needs no network. */
async function generateTypescript() {
  const plugin = { local: tool("protoc-gen-es"), out: scratch, opt: ["target=ts", "import_extension=js"] }
  const template = JSON.stringify({ version: "v2", plugins: [plugin] })
  await must(tool("buf"), ["generate", at("protocol"), "--template", template], { capture: true })
  return readFileSync(join(scratch, proto.replace(".proto", "_pb.ts")), "utf8")
}

async function generatePython() {
  const found = (await findEveryPython()).filter(({ minor }) => minor <= newestForTools).at(-1)
  if (found === undefined) throw new Stop(`grpcio-tools needs a Python 3.${newestForTools} or older`)
  const folder = join(scratch, "venv")
  await must(found.executable, ["-m", "venv", "--clear", folder], { capture: true })
  await must(pythonOf(folder), ["-m", "pip", "install", "--quiet", ...pythonTools], { capture: true })
  const out = [`--python_out=${scratch}`, `--pyi_out=${scratch}`]
  await must(pythonOf(folder), [
    "-m",
    "grpc_tools.protoc",
    `-I${at("protocol")}`,
    ...out,
    at("protocol", proto),
  ])
  for (const ending of ["_pb2.py", "_pb2.pyi"])
    write(
      join(python, `worker${ending}`),
      readFileSync(join(scratch, proto.replace(".proto", ending)), "utf8"),
    )
}

/** Whether the Python code describes the same messages and services; to make it anew takes the network. */
async function isPythonCurrent() {
  const descriptor = join(scratch, "descriptor.binpb")
  const options = ["--as-file-descriptor-set", "--exclude-source-info", "-o", `${descriptor}#format=binpb`]
  await must(tool("buf"), ["build", at("protocol"), ...options], { capture: true })
  const checker = [at("scripts/lib/same_descriptor.py"), descriptor, join(python, "worker_pb2.py")]
  return (await run(pythonOf(venv), checker)).code === 0
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

async function check() {
  const stale = []
  if ((await generateTypescript()) !== readFileSync(typescript, "utf8")) stale.push(typescript)
  if (!(await isPythonCurrent())) stale.push(join(python, "worker_pb2.py"))
  if (stale.length > 0)
    throw new Stop(
      `not what protocol/${proto} gives; run node scripts/generate.mjs:\n  ${stale.join("\n  ")}`,
    )
  console.log(green(`✓ The generated code is that of protocol/${proto}.`))
}

// Writes the code that is generated from the protocol. `--check` compares only, and needs no network.
await script(async ([flag]) => {
  rmSync(scratch, { recursive: true, force: true })
  mkdirSync(scratch, { recursive: true })
  if (flag === "--check") return check()
  write(typescript, await generateTypescript())
  await generatePython()
  note(`written: ${typescript}\n           ${python}`)
})
