import { parseArgs } from "node:util"
import { chosenSeed } from "./random.js"
import { soak } from "./soak.js"
import { launches, type transports } from "./workers.js"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: String(chosenSeed()) },
    transport: { type: "string", default: "json" },
    launch: { type: "string", default: "fork" },
  },
})

const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new TypeError(`--minutes must be a number above zero, not ${values.minutes}`)
const problems = await soak({
  minutes,
  seed: Number(values.seed),
  transport: oneOf("transport", values.transport, [
    "json",
    "msgpack",
    "grpc",
  ] satisfies (keyof typeof transports)[]),
  launch: oneOf("launch", values.launch, launches),
  print: (line) => console.log(line),
})
for (const problem of problems) console.error(problem)
console.log(problems.length === 0 ? "sound" : `${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value)
  if (found === undefined) throw new TypeError(`--${name} must be one of ${known.join(", ")}, not ${value}`)
  return found
}
