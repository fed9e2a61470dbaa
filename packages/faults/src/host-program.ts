import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { adapters } from "./workers.js"

export interface HostExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** A program in a process of its own. */
export interface HostProgram {
  readonly pid: number
  /** The next line that it prints. @throws when it ends without one. */
  line(): Promise<string>
  readonly exit: Promise<HostExit>
  kill(signal: NodeJS.Signals): void
}

const packageFolder = fileURLToPath(new URL("..", import.meta.url))

/** What every program begins with; the workers are those of `hosted.py`. */
const prelude = `
import { existsSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { Snakepit } from "@snakepit/core"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
const launch = process.env.LAUNCH ?? "spawn"
const adapter = python({ adapter: "hosted:Hosted", cwd: ${JSON.stringify(adapters)}, launch })
const config = { adapter, transports: [json()], pool: { size: 2 }, logger: false }
const say = (value) => console.log(JSON.stringify(value))
const there = async (file) => { while (!existsSync(file)) await sleep(2) }
`

/** Runs a program, and turns into one that waits for nobody, so that the first remains as a zombie. */
const withoutWaiting = '"$0" "$@" & exec sleep 600'

/**
 * Runs a program as a user would write it: `config`, `adapter` and `say(value)` are there.
 * @param unreaped it becomes a zombie when it ends; `pid` is then that of its parent.
 */
export function hostProgram(source: string, env: NodeJS.ProcessEnv = {}, unreaped = false): HostProgram {
  const words = [process.execPath, "--input-type=module", "-e", `${prelude}\n${source}`]
  const [command = "", ...args] = unreaped ? ["/bin/sh", "-c", withoutWaiting, ...words] : words
  const child = spawn(command, args, {
    cwd: packageFolder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
  const killAtExit = (): void => kill("SIGKILL")
  process.once("exit", killAtExit)
  child.once("exit", () => process.off("exit", killAtExit))
  const lines: string[] = []
  let text = ""
  let stderr = ""
  let wake = (): void => {}
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    const parts = (text + part).split("\n")
    text = parts.pop() ?? ""
    lines.push(...parts)
    wake()
  })
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part
  })
  // Its workers may hold its output open, so that its end is not the end of that.
  const exit = once(child, "exit").then(([code, signal]): HostExit => ({ code, signal, stderr }))
  return { pid: child.pid ?? 0, exit, kill, line }

  async function line(): Promise<string> {
    const ended = exit.then(() => "ended")
    for (;;) {
      const next = lines.shift()
      if (next !== undefined) return next
      const changed = new Promise<void>((resolve) => {
        wake = resolve
      })
      if ((await Promise.race([changed, ended])) === "ended" && lines.length === 0)
        throw new Error(`the program ended without another line\n${stderr}`)
    }
  }
}
