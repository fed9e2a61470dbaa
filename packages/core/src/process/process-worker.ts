import type { ChildProcess } from "node:child_process"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import type { ProcessPlan } from "../adapter/adapter.js"
import { StdioChannel, socketChannel } from "./channel.js"
import { ExternalWorker } from "./external-worker.js"
import type { OutputLine } from "./launched.js"
import { guard, release } from "./live-workers.js"
import { WorkerOutput } from "./output.js"
import { signalWorker } from "./platform.js"

/** A worker in a child process that was just spawned, with a process group of its own. */
export class ProcessWorker extends ExternalWorker {
  constructor(
    child: ChildProcess,
    pid: number,
    { channel, hint }: Pick<ProcessPlan, "channel" | "hint">,
    onOutput: (line: OutputLine) => void,
  ) {
    const stdout = pipe(child, 1)
    const stderr = pipe(child, 2)
    const lifeline = child.stdio[4] ? pipe(child, 4) : undefined
    const overStdio = channel === "stdio"
    super({
      pid,
      hint,
      channel: overStdio ? new StdioChannel(pipe(child, 0), stdout) : privateChannel(child),
      output: new WorkerOutput(overStdio ? { stderr } : { stdout, stderr }, onOutput),
      lifeline,
    })
    lifeline?.on("error", () => {})
    guard(pid)
    child.once("exit", (code, signal) => {
      // Its children die with it. This is the last moment at which the group's number cannot be another's.
      this.kill()
      release(pid)
      this.end({ code, signal })
    })
    child.unref()
  }

  protected override signal(signal: NodeJS.Signals): void {
    signalWorker(this.pid, signal)
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
