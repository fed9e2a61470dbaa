import type { Readable } from "node:stream"
import { ByteTail } from "./byte-tail.js"
import { FloodGate } from "./flood-gate.js"
import type { OutputLine } from "./launched.js"
import { LineSplitter } from "./line-splitter.js"
import { printable, printableLines } from "./printable.js"

/** Lines that each stream of a worker may pass on in a second. */
export const maxLinesPerSecond = 1000
const maxTailBytes = 8 * 1024

/** Reads a worker's stdout and stderr without end, so that it never blocks on printing. */
export class WorkerOutput {
  readonly #onLine: (line: OutputLine) => void
  readonly #gates: FloodGate[] = []
  readonly #tail = new ByteTail(maxTailBytes)
  readonly #streams: readonly Readable[]

  /** Settles when every stream has closed. */
  readonly drained: Promise<void>

  constructor(
    streams: { readonly stdout?: Readable; readonly stderr: Readable },
    onLine: (line: OutputLine) => void,
  ) {
    this.#onLine = onLine
    const { stdout, stderr } = streams
    stderr.on("data", (chunk: Buffer) => this.#tail.push(chunk))
    this.#streams = stdout ? [stdout, stderr] : [stderr]
    const closed = [this.#read("stderr", stderr)]
    if (stdout) closed.push(this.#read("stdout", stdout))
    this.drained = Promise.all(closed).then(() => {})
  }

  get dropped(): number {
    return this.#gates.reduce((sum, gate) => sum + gate.dropped, 0)
  }

  stderrTail(): string {
    return printableLines(this.#tail.text()).trimEnd()
  }

  /** Gives up on whoever still holds the other ends. */
  close(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  #read(stream: OutputLine["stream"], source: Readable): Promise<void> {
    const say = (text: string): void => this.#onLine({ stream, text })
    // One for each stream: a flood on stdout must not swallow a warning on stderr.
    const gate = new FloodGate(maxLinesPerSecond, (dropped) =>
      say(`… ${dropped.toLocaleString("en-US")} lines dropped`),
    )
    this.#gates.push(gate)
    const splitter = new LineSplitter((line) => {
      if (gate.admit(performance.now())) say(printable(line.text()))
    })
    return new Promise((resolve) => {
      source.on("data", (chunk: Buffer) => splitter.push(chunk))
      // An error is always followed by the close that is waited for.
      source.on("error", () => {})
      source.once("close", () => {
        splitter.end()
        gate.end()
        resolve()
      })
    })
  }
}
