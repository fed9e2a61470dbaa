// A worker without any library: protocol/PROTOCOL.md in its smallest form, on file descriptor 3.
import { Socket } from "node:net"
import { createInterface } from "node:readline"

const tools = {
  shout: ({ text }) => text.toUpperCase(),
  count_primes: ({ below }) => {
    let count = 0
    for (let n = 2; n < below; n += 1) if (isPrime(n)) count += 1
    return count
  },
}

const channel = new Socket({ fd: 3 })
const send = (frame) => channel.write(`${JSON.stringify(frame)}\n`)
send({
  snakepit: 1,
  transport: "json",
  pid: process.pid,
  runtime: { name: "node", version: process.version },
})

let welcome
for await (const line of createInterface({ input: channel })) {
  const frame = JSON.parse(line)
  if (welcome === undefined) welcome = frame
  else if (frame.type === "call") send(answer(frame))
  else if (frame.type === "ping") send({ type: "pong", nonce: frame.nonce })
  else if (frame.type === "drain") channel.end()
}

function answer({ id, tool, args }) {
  if (!Object.hasOwn(tools, tool)) return failure(id, "unknown_tool", "UnknownTool", `there is no ${tool}`)
  try {
    return { type: "result", id, value: tools[tool](args) }
  } catch (error) {
    return failure(id, "tool_error", error.name, error.message, error.stack)
  }
}

function failure(id, code, type, message, traceback) {
  return { type: "error", id, error: { code, type, message, traceback } }
}

function isPrime(n) {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false
  return true
}
