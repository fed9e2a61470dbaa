import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { helper } from "../python.js"

/** A peer's Python server on this machine. */
export interface ServerProcess {
  /** `127.0.0.1:PORT` */
  readonly address: string
  /** Resolves when the process is gone. */
  close(): Promise<void>
}

/**
 * Starts a helper that prints the port it listens on, and ends when its stdin does.
 * @throws Error when it ends before it has printed one
 */
export async function startServer(python: string, file: string): Promise<ServerProcess> {
  const child = spawn(python, [helper(file)], { stdio: ["pipe", "pipe", "inherit"] })
  await once(child, "spawn")
  const gone = once(child, "exit")
  // A server that has ended already does not need to be told to.
  child.stdin.on("error", () => {})
  const port = await firstLine(child, child.stdout)
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      child.stdin.end()
      await gone
    },
  }
}

async function firstLine(child: ChildProcess, input: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input })) {
    input.resume()
    return line
  }
  throw new Error(`the server ended with code ${child.exitCode} before it listened`)
}
