import { spawn } from "node:child_process"
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
 * @throws Error when it ends before it listens
 */
export async function startServer(python: string, file: string): Promise<ServerProcess> {
  const child = spawn(python, [helper(file)], { stdio: ["pipe", "pipe", "inherit"] })
  await once(child, "spawn")
  const gone = once(child, "exit")
  // Told to end when it has ended already.
  child.stdin.on("error", () => {})
  const port = await firstLine(child.stdout)
  if (port === undefined) throw new Error(`${file} ended before it listened`)
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      child.stdin.end()
      await gone
    },
  }
}

async function firstLine(input: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input })) return line
  return undefined
}
