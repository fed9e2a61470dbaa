import { Random } from "./random.js"

/** Faults that cost a worker. */
export const lethal = ["kill", "stop", "stop-itself", "segfault", "leave", "hold", "garbage"] as const
/** Faults that a worker survives. */
export const harmless = ["hang", "huge", "noise", "cancel", "raises", "kill-server"] as const
export type FaultKind = (typeof lethal)[number] | (typeof harmless)[number]

/** The faults there can be: only forked workers have a fork server. */
export function kindsFor(forked: boolean): FaultKind[] {
  return [...lethal, ...harmless].filter((kind) => forked || kind !== "kill-server")
}

/** What one call of a storm does. */
export interface Step {
  readonly tool: string
  /** Beside id and nonce. */
  readonly args: Readonly<Record<string, number>>
  readonly nonce: string
  readonly fault: FaultKind | undefined
  /** Whether the fault waits until all workers are up, so that the time of the recovery from it is its own. */
  readonly alone: boolean
  /** Chunks, for a stream. */
  readonly chunks: number | undefined
  readonly timeoutMs: number | undefined
  readonly cancelAfterMs: number | undefined
  /** Which worker a signal goes to, from 0 up to 1. */
  readonly victim: number
}

/** What a call may fail with, beside that another one's fault hits its worker. */
export const failsWith: Readonly<Record<FaultKind, readonly string[]>> = {
  kill: [],
  stop: [],
  "stop-itself": [],
  segfault: [],
  leave: [],
  hold: ["CallTimeout"],
  garbage: [],
  hang: ["CallTimeout"],
  huge: ["RemoteError"],
  noise: [],
  cancel: ["CallCancelled"],
  raises: ["ToolError"],
  "kill-server": [],
}

/** Faults after which the call can have no value. */
export const neverSucceeds: ReadonlySet<FaultKind> = new Set([
  "stop-itself",
  "segfault",
  "leave",
  "hold",
  "hang",
  "huge",
  "raises",
])

/** A value that no frame of the storm may hold. */
export const maxFrameBytes = 1024 * 1024

/** What the calls of a storm do, one after the other; the same for the same seed. */
export class StormPlan {
  readonly #random: Random
  readonly #calls: number
  readonly #faults: number
  readonly #kinds: readonly FaultKind[]
  #made = 0
  #deck: FaultKind[] = []

  constructor(seed: number, calls: number, faults: number, kinds: readonly FaultKind[]) {
    this.#random = new Random(seed)
    this.#kinds = kinds
    this.#calls = calls
    this.#faults = faults
  }

  /** The next call; `undefined` when there were enough. */
  next(): Step | undefined {
    const number = this.#made
    if (number >= this.#calls) return undefined
    this.#made += 1
    const share = this.#faults / this.#calls
    const due = Math.floor((number + 1) * share) > Math.floor(number * share)
    return due ? this.#faulty() : this.#ordinary()
  }

  #ordinary(fault?: FaultKind): Step {
    const random = this.#random
    const kind = random.next()
    const step = { ...this.#blank(), fault }
    if (kind < 0.7) return { ...step, tool: "echo" }
    if (kind < 0.9) return { ...step, tool: "work", args: { ms: random.next() * 5 } }
    const chunks = random.integer(0, 40)
    return { ...step, tool: "stream", args: { n: chunks }, chunks }
  }

  #faulty(): Step {
    // Dealt like cards, every kind comes as often as the others.
    if (this.#deck.length === 0) this.#deck = this.#random.shuffled(this.#kinds)
    const fault = this.#deck.pop()
    switch (fault) {
      case "kill":
      case "stop":
      case "kill-server":
        return this.#ordinary(fault)
      case "cancel":
        return { ...this.#ordinary(fault), cancelAfterMs: this.#random.next() * 2 }
      case "hang":
      case "hold":
        return { ...this.#blank(), tool: fault, fault, timeoutMs: this.#random.integer(50, 250) }
      case "huge":
        return { ...this.#blank(), tool: fault, fault, args: { size: maxFrameBytes } }
      case "stop-itself":
        return { ...this.#blank(), tool: "stop", fault }
      default:
        return { ...this.#blank(), tool: fault ?? "echo", fault }
    }
  }

  #blank(): Step {
    const random = this.#random
    return {
      tool: "",
      args: {},
      nonce: `${random.integer(0, 2 ** 31)}-${this.#made}`,
      fault: undefined,
      alone: random.chance(0.75),
      chunks: undefined,
      timeoutMs: undefined,
      cancelAfterMs: undefined,
      victim: random.next(),
    }
  }
}
