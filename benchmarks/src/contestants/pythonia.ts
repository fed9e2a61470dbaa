import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import type { Contestant, Session } from "../contestant.js"
import { helper } from "../python.js"
import { fromBase64, toBase64 } from "./base64.js"

/** The parts of pythonia used here; its own declarations are all `any` and lack `com`. */
interface Pythonia {
  python: ((file: string) => Promise<Tools>) & { exit(): void }
  com: { proc: ChildProcess }
}

interface Tools {
  echo<T>(value: T): Promise<T>
  count(n: number): Promise<AsyncIterable<number>>
  pid(): Promise<number>
}

const require = createRequire(import.meta.url)

/** https://github.com/extremeheat/JSPyBridge: proxies of Python objects over Node's IPC channel, one process a program. */
export const pythonia: Contestant = {
  name: "pythonia",
  async open({ python, workers }) {
    if (workers !== 1) throw new Error("pythonia has one Python process a program")
    return openOne(python)
  },
}

async function openOne(python: string): Promise<Session> {
  // It starts Python when it is first loaded, so this must come before.
  process.env.PYTHON_BIN = python
  const bridge: Pythonia = require("pythonia")
  const tools = await bridge.python(helper("pythonia_tools.py"))
  const gone = once(bridge.com.proc, "exit")
  return {
    echo: (value) => tools.echo(value),
    echoBytes: async (data) => fromBase64(await tools.echo(toBase64(data))),
    count: async (n, onItem) => {
      for await (const value of await tools.count(n)) onItem(value)
    },
    pids: async () => [await tools.pid()],
    close: async () => {
      bridge.python.exit()
      await gone
    },
  }
}
