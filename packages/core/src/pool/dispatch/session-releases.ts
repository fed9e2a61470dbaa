import type { CallListener } from "../../connection/outgoing-call.js"
import { startTimer } from "../../process/timer.js"
import type { WireError } from "../../protocol/frame.js"
import type { Worker } from "../../worker/worker.js"

/** The tool by which a worker hears that a session has ended (PROTOCOL.md, SE-2). */
const endSession = "snakepit.end_session"

/** How long a worker may clean up after one session, once it has begun, before it is told to stop. */
export const cleanupMs = 30_000

export interface SessionReleasesOptions {
  /** Calls that a worker may hold. */
  capacity(worker: Worker): number
  /** A worker has one more call to run. */
  onSent(worker: Worker): void
}

/** The sessions that a worker has to let go of. */
interface Ended {
  readonly sessions: Set<string>
  /** Of the one that it is letting go of now. */
  release: Release | undefined
  /** Times that the worker was too full for that one. */
  refusals: number
}

/** Times that a worker may be too full to hear that a session has ended, though it should have room. */
const maxRefusals = 3

/** Tells workers which sessions have ended: one at a time, in the line of their calls, so that it costs calls nothing. */
export class SessionReleases {
  readonly #ended = new Map<Worker, Ended>()
  /** How many workers have yet to let go of a session of this id. */
  readonly #holders = new Map<string, number>()
  readonly #options: SessionReleasesOptions

  constructor(options: SessionReleasesOptions) {
    this.#options = options
  }

  add(worker: Worker, session: string): void {
    if (!worker.live || !worker.hello.features.has("sessions")) return
    const ended: Ended = this.#ended.get(worker) ?? { sessions: new Set(), release: undefined, refusals: 0 }
    this.#ended.set(worker, ended)
    if (!ended.sessions.has(session)) this.#holders.set(session, this.#holdersOf(session) + 1)
    ended.sessions.add(session)
    this.pump(worker)
  }

  /** The worker has not yet let go of a session of this id that has ended: a new one of that id has to wait. */
  holds(worker: Worker, session: string): boolean {
    return this.#ended.get(worker)?.sessions.has(session) === true
  }

  /** Whether some worker holds it. */
  pending(session: string): boolean {
    return this.#holders.has(session)
  }

  /** Calls of a worker that are of this kind. */
  inFlight(worker: Worker): number {
    return this.#ended.get(worker)?.release === undefined ? 0 : 1
  }

  forgetWorker(worker: Worker): void {
    const ended = this.#ended.get(worker)
    if (ended === undefined) return
    ended.release?.forget()
    for (const session of ended.sessions) this.#released(session, ended)
    this.#ended.delete(worker)
  }

  /** To be called when a worker may have got room. */
  pump(worker: Worker): void {
    const ended = this.#ended.get(worker)
    if (ended === undefined || ended.release !== undefined) return
    const [session] = ended.sessions
    if (session === undefined || !worker.live) this.forgetWorker(worker)
    else if (worker.load < this.#options.capacity(worker)) this.#send(worker, ended, session)
  }

  #holdersOf(session: string): number {
    return this.#holders.get(session) ?? 0
  }

  #released(session: string, { sessions }: Ended): void {
    if (!sessions.delete(session)) return
    const holders = this.#holdersOf(session) - 1
    if (holders === 0) this.#holders.delete(session)
    else this.#holders.set(session, holders)
  }

  #send(worker: Worker, ended: Ended, session: string): void {
    const release = new Release((full) => {
      ended.release = undefined
      ended.refusals = full ? ended.refusals + 1 : 0
      if (full && ended.refusals < maxRefusals) return
      this.#released(session, ended)
    })
    ended.release = release
    const call = worker.send({ tool: endSession, args: {}, session }, release)
    const hasStarted = (): boolean => worker.hasStarted(call)
    release.watch(hasStarted, () => worker.cancel(call, "its clean-up took too long"))
    this.#options.onSent(worker)
  }
}

/** One worker lets go of one session. */
class Release implements CallListener {
  /** Hears whether the worker was too full; it has let go otherwise, whatever its clean-up did. */
  readonly #onAnswered: (full: boolean) => void
  #timer: NodeJS.Timeout | undefined

  constructor(onAnswered: (full: boolean) => void) {
    this.#onAnswered = onAnswered
  }

  /** A clean-up that was running when it was looked at, and still is the next time, has had its time. */
  watch(hasStarted: () => boolean, stop: () => void, wasRunning = false): void {
    this.#timer = startTimer(cleanupMs, () => {
      if (wasRunning) stop()
      else this.watch(hasStarted, stop, hasStarted())
    })
    this.#timer?.unref()
  }

  forget(): void {
    clearTimeout(this.#timer)
  }

  onResult(): void {
    this.forget()
    this.#onAnswered(false)
  }

  onChunk(): void {}

  onError({ code }: WireError): void {
    this.forget()
    this.#onAnswered(code === "resource_exhausted")
  }
}
