import { json } from "@snakepit/transport-json"
import { msgpack } from "@snakepit/transport-msgpack"
import * as scenarios from "./scenarios.js"

// A program of its own, because a test runner makes promises and garbage, too: `main.js SCENARIO TRANSPORT`.
const [scenario = "", transport = ""] = process.argv.slice(2)
const run = Object.entries(scenarios).find(([name]) => name === scenario)?.[1]
if (run === undefined) throw new Error(`there is no scenario "${scenario}"`)
console.log(JSON.stringify(await run(transport === "msgpack" ? msgpack() : json())))
