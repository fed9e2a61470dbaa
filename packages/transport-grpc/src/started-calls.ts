import type { Readable } from "node:stream"

/** Digits of 2^53 - 1. */
const longestId = 16
/** How long the worker's next lines are left to gather. */
const pauseMs = 2

/**
 * Reads the ids of calls that a worker writes on its private channel as it starts them, one a line. Takes what has
 * gathered from time to time: it may be one for each call.
 */
export class StartedCalls {
  /** The newest id that has come as a whole; 0 before the first. */
  newest = 0
  /** Settles when everything was read; never rejects. */
  readonly ended: Promise<void>
  readonly #stream: Readable
  #partial = ""
  #timer: NodeJS.Timeout | undefined
  #hurry = false

  constructor(stream: Readable) {
    this.#stream = stream
    this.ended = new Promise((resolve) => {
      stream.once("end", resolve).once("close", resolve)
    })
    stream.on("data", (chunk: Buffer) => this.#read(chunk))
    stream.resume()
  }

  /** From now on everything is read at once: the worker has ended. */
  hurry(): void {
    this.#hurry = true
    clearTimeout(this.#timer)
    this.#stream.resume()
  }

  #read(chunk: Buffer): void {
    const lines = (this.#partial + chunk.toString("latin1")).split("\n")
    // What is longer than any number is none.
    this.#partial = lines.pop()?.slice(0, 2 * longestId) ?? ""
    const id = lines.findLast((line) => line.length <= longestId && /^\d+$/.test(line))
    if (id !== undefined) this.newest = Math.max(this.newest, Number(id))
    if (this.#hurry) return
    this.#stream.pause()
    this.#timer = setTimeout(() => this.#stream.resume(), pauseMs).unref()
  }
}
