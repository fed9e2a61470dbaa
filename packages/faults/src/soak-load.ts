import { setTimeout as sleep } from "node:timers/promises"
import type { CallOptions, Snakepit } from "@snakepit/core"
import { isTypedError, tagOf } from "./endings.js"
import { Random } from "./random.js"

/** The pool whose workers nobody harms, and the one whose workers are killed, and replaced when they are old. */
export const steady = "steady"
export const harmed = "harmed"

const harmEveryMs = 3000

/** What became of the calls. None is kept, so that counting takes no memory. */
export class Counts {
  issued = 0
  ended = 0
  values = 0
  harms = 0
  readonly errors = new Map<string, number>()
  /** What must not be; the first hundred. */
  readonly problems: string[] = []

  failed(error: unknown, allowed: readonly string[]): void {
    const tag = tagOf(error)
    this.errors.set(tag, (this.errors.get(tag) ?? 0) + 1)
    if (!isTypedError(error) || !allowed.includes(tag)) this.problem(`failed: ${String(error)}`)
  }

  problem(text: string): void {
    if (this.problems.length < 100) this.problems.push(text)
  }
}

/** Makes calls of every kind until it is told to stop. */
export class Load {
  readonly counts = new Counts()
  readonly #pit: Snakepit
  readonly #random: Random
  readonly #stop = new AbortController()

  constructor(pit: Snakepit, seed: number) {
    this.#pit = pit
    this.#random = new Random(seed)
    pit.tools.register("double", ({ value }) => Number(value) * 2)
  }

  /** Resolves when everything that was begun has ended. */
  async run(): Promise<void> {
    const kinds = [
      ...[this.#echo, this.#echo, this.#bytes, this.#stream, this.#leaveStream, this.#print],
      ...[this.#session, this.#callBack, this.#cancel, this.#raise],
    ]
    const loads = kinds.flatMap((kind) => [steady, harmed].map((pool) => () => kind.call(this, pool)))
    await Promise.all([...loads, () => this.#harm()].map((load) => this.#forever(load)))
  }

  stop(): void {
    this.#stop.abort()
  }

  async #forever(load: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await load()
      await sleep(this.#random.integer(0, 5))
    }
  }

  async #echo(pool: string): Promise<void> {
    const value = { nonce: this.#random.next(), text: "é".repeat(this.#random.integer(0, 2000)) }
    await this.#call(
      "echo",
      { value },
      { pool },
      (answer) => JSON.stringify(answer) === JSON.stringify(value),
    )
  }

  async #bytes(pool: string): Promise<void> {
    const value = Buffer.alloc(this.#random.integer(0, 500_000), this.#random.integer(0, 255))
    const isOwn = (answer: unknown): boolean =>
      answer instanceof Uint8Array && Buffer.from(answer).equals(value)
    await this.#call("echo", { value }, { pool }, isOwn)
  }

  async #callBack(pool: string): Promise<void> {
    const value = this.#random.integer(0, 2 ** 40)
    await this.#call("double_by_host", { value }, { pool }, (answer) => answer === value * 2)
  }

  async #print(pool: string): Promise<void> {
    const text = "noise ".repeat(this.#random.integer(0, 50))
    await this.#call("say", { text }, { pool }, (answer) => answer === text.length)
  }

  async #raise(pool: string): Promise<void> {
    await this.#call("raises", { text: "as it should" }, { pool }, () => false, ["ToolError"])
  }

  async #cancel(pool: string): Promise<void> {
    const signal = AbortSignal.timeout(this.#random.integer(1, 20))
    await this.#call("spin", {}, { pool, signal }, () => false, ["CallCancelled"])
  }

  async #session(pool: string): Promise<void> {
    const session = this.#pit.session()
    await session.variables.register("last", "integer", 0)
    for (let round = 0; round < 5; round += 1) {
      const value = this.#random.integer(0, 2 ** 40)
      const options = { pool, session: session.id }
      await this.#call("remember", { value }, options, (answer) => answer === value)
    }
    await session.close()
  }

  async #stream(pool: string): Promise<void> {
    await this.#consume(pool, Number.POSITIVE_INFINITY)
  }

  async #leaveStream(pool: string): Promise<void> {
    await this.#consume(pool, this.#random.integer(0, 5))
  }

  /** Reads a stream, as far as the chunk of this number. */
  async #consume(pool: string, last: number): Promise<void> {
    const nonce = String(this.#random.next())
    const args = { nonce, n: this.#random.integer(0, 50), size: this.#random.integer(0, 20_000) }
    let next = 0
    await this.#counted([], async () => {
      for await (const { data, isFinal } of this.#pit.stream<{ nonce: string; number: number }>(
        "stream",
        args,
        { pool },
      )) {
        if (isFinal) return next === args.n
        if (data.nonce !== nonce || data.number !== next) return false
        if (next === last) break
        next += 1
      }
      return true
    })
  }

  /** Now and then a worker is lost. */
  async #harm(): Promise<void> {
    await sleep(this.#random.integer(harmEveryMs / 2, harmEveryMs * 1.5), undefined, {
      signal: this.#stop.signal,
    }).catch(() => {})
    if (this.#stop.signal.aborted) return
    this.counts.harms += 1
    const tool = this.#random.pick(["segfault", "leave", "kill"])
    if (tool !== "kill") return this.#call(tool, {}, { pool: harmed }, () => false)
    const pids = this.#pit
      .workers()
      .flatMap(({ pool, pid }) => (pool === harmed && pid !== null ? [pid] : []))
    if (pids.length > 0) process.kill(this.#random.pick(pids), "SIGKILL")
  }

  async #call(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    options: CallOptions,
    isOwn: (answer: unknown) => boolean,
    allowed: readonly string[] = [],
  ): Promise<void> {
    await this.#counted(allowed, async () => isOwn(await this.#pit.execute(tool, args, options)))
  }

  async #counted(allowed: readonly string[], call: () => Promise<boolean>): Promise<void> {
    this.counts.issued += 1
    try {
      if (await call()) this.counts.values += 1
      else this.counts.problem("a call ended with a value that is not its own")
    } catch (error) {
      this.counts.failed(error, ["WorkerCrashed", ...allowed])
    } finally {
      this.counts.ended += 1
    }
  }
}
