import type { ChildProcess } from "node:child_process"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { ProcessPlan } from "../adapter/adapter.js"
import { StdioChannel, socketChannel } from "./channel.js"
import { Escalation } from "./escalation.js"
import type { ExitInfo, LaunchedWorker, OutputLine } from "./launched.js"
import { guard, release } from "./live-workers.js"
import { WorkerOutput } from "./output.js"
import { signalWorker } from "./platform.js"

/** How long channel and output stay open after the exit, for what is still unread. */
const lingerMs = 500

/** A worker in a child process that was just spawned, with a process group of its own. */
export class ProcessWorker implements LaunchedWorker {
  readonly hint: string | undefined
  readonly pid: number
  readonly channel: Duplex
  readonly exited: Promise<ExitInfo>
  readonly #output: WorkerOutput
  readonly #lifeline: Socket | undefined
  readonly #escalation: Escalation
  #exitInfo: ExitInfo | undefined

  constructor(
    child: ChildProcess,
    pid: number,
    { channel, hint }: Pick<ProcessPlan, "channel" | "hint">,
    onOutput: (line: OutputLine) => void,
  ) {
    this.pid = pid
    this.hint = hint
    guard(pid)
    this.#escalation = new Escalation((signal) => signalWorker(pid, signal))
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => resolve(this.#end({ code, signal })))
    })
    child.unref()
    const stdout = pipe(child, 1)
    const stderr = pipe(child, 2)
    const overStdio = channel === "stdio"
    this.channel = overStdio ? new StdioChannel(pipe(child, 0), stdout) : privateChannel(child)
    this.#output = new WorkerOutput(overStdio ? { stderr } : { stdout, stderr }, onOutput)
    this.#lifeline = child.stdio[4] ? pipe(child, 4) : undefined
    this.#lifeline?.on("error", () => {})
  }

  get exitInfo(): ExitInfo | undefined {
    return this.#exitInfo
  }

  get drained(): Promise<void> {
    return this.#output.drained
  }

  get droppedLines(): number {
    return this.#output.dropped
  }

  stderrTail(): string {
    return this.#output.stderrTail()
  }

  terminate(graceMs: number): Promise<ExitInfo> {
    this.#escalation.start(graceMs)
    return this.exited
  }

  kill(): void {
    this.#escalation.kill()
  }

  #end(info: ExitInfo): ExitInfo {
    // Its children die with it. This is the last moment at which the group's number cannot be another's.
    this.#escalation.kill()
    this.#escalation.end()
    release(this.pid)
    this.#exitInfo = info
    this.#lifeline?.destroy()
    // After a late timer pending input is read first, therefore the extra turn.
    setTimeout(() => setImmediate(() => this.#close()), lingerMs).unref()
    return info
  }

  #close(): void {
    this.channel.destroy()
    this.#output.close()
  }
}

/** One of the child's pipes, not keeping this process alive. */
function pipe(child: ChildProcess, fd: 0 | 1 | 2 | 3 | 4): Socket {
  const stream = child.stdio[fd]
  if (!(stream instanceof Socket)) throw new TypeError(`descriptor ${fd} of the worker is not a pipe`)
  return stream.unref()
}

function privateChannel(child: ChildProcess): Duplex {
  const socket = pipe(child, 3)
  // At the exit, Node throws away what is unread on every stream that it finds here.
  child.stdio[3] = null
  return socketChannel(socket)
}
