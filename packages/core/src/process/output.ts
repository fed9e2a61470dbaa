import type { Readable } from "node:stream"
import { ByteTail } from "./byte-tail.js"
import { FloodGate } from "./flood-gate.js"
import type { OutputLine } from "./launched.js"
import { type HeldLine, LineSplitter } from "./line-splitter.js"
import { printable } from "./printable.js"

/** Lines that one worker may pass on in a second, both streams together. */
export const maxLinesPerSecond = 1000
const maxTailBytes = 8 * 1024

/** Reads a worker's stdout and stderr without end, so that it never blocks on printing. */
export class WorkerOutput {
  readonly #onLine: (line: OutputLine) => void
  readonly #gate: FloodGate
  readonly #tail = new ByteTail(maxTailBytes)
  readonly #streams: readonly Readable[]
  /** Where the summary of a flood goes: to the stream that was cut. */
  #flooding: OutputLine["stream"] = "stdout"

  /** Settles when every stream has closed. */
  readonly drained: Promise<void>

  constructor(
    streams: { readonly stdout?: Readable; readonly stderr: Readable },
    onLine: (line: OutputLine) => void,
  ) {
    this.#onLine = onLine
    this.#gate = new FloodGate(maxLinesPerSecond, (dropped) => this.#summarize(dropped))
    const { stdout, stderr } = streams
    stderr.on("data", (chunk: Buffer) => this.#tail.push(chunk))
    this.#streams = stdout ? [stdout, stderr] : [stderr]
    const closed = [this.#read("stderr", stderr)]
    if (stdout) closed.push(this.#read("stdout", stdout))
    this.drained = Promise.all(closed).then(() => this.#gate.end())
  }

  get dropped(): number {
    return this.#gate.dropped
  }

  stderrTail(): string {
    return this.#tail.text().split(/\r?\n/).map(printable).join("\n").trimEnd()
  }

  /** Gives up on whoever still holds the other ends. */
  close(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  #read(stream: OutputLine["stream"], source: Readable): Promise<void> {
    const splitter = new LineSplitter((line) => this.#offer(stream, line))
    return new Promise((resolve) => {
      source.on("data", (chunk: Buffer) => splitter.push(chunk))
      // An error is always followed by the close that is waited for.
      source.on("error", () => {})
      source.once("close", () => {
        splitter.end()
        resolve()
      })
    })
  }

  #offer(stream: OutputLine["stream"], line: HeldLine): void {
    if (this.#gate.admit(performance.now())) this.#onLine({ stream, text: printable(line.text()) })
    else this.#flooding = stream
  }

  #summarize(dropped: number): void {
    this.#onLine({ stream: this.#flooding, text: `… ${dropped.toLocaleString("en-US")} lines dropped` })
  }
}
