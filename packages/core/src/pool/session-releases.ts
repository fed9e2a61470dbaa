import type { CallListener } from "../connection/outgoing-call.js"
import type { Worker } from "../worker/worker.js"

/** The tool by which a worker hears that a session has ended (PROTOCOL.md, SE-2). */
const endSession = "snakepit.end_session"

/** Tells workers which sessions have ended: one at a time, in the line of their calls, so that it costs calls nothing. */
export class SessionReleases {
  readonly #ended = new Map<Worker, Set<string>>()
  readonly #onSent: (worker: Worker) => void

  /** @param onSent a worker has one more call to run. */
  constructor(onSent: (worker: Worker) => void) {
    this.#onSent = onSent
  }

  add(worker: Worker, session: string): void {
    if (!worker.live || !worker.hello.features.has("sessions")) return
    const ended = this.#ended.get(worker)
    if (ended !== undefined) {
      ended.add(session)
      return
    }
    this.#ended.set(worker, new Set([session]))
    this.#sendNext(worker)
  }

  /** The worker has not yet released a session of this id that has ended: a new one of that id has to wait. */
  holds(worker: Worker, session: string): boolean {
    return this.#ended.get(worker)?.has(session) === true
  }

  forgetWorker(worker: Worker): void {
    this.#ended.delete(worker)
  }

  #sendNext(worker: Worker): void {
    const ended = this.#ended.get(worker)
    const [session] = ended ?? []
    if (ended === undefined || session === undefined || !worker.live) {
      this.#ended.delete(worker)
      return
    }
    const next = (): void => {
      ended.delete(session)
      this.#sendNext(worker)
    }
    worker.send({ tool: endSession, args: {}, session }, new Released(next))
    this.#onSent(worker)
  }
}

/** Whatever the worker says, it has heard it. */
class Released implements CallListener {
  constructor(readonly next: () => void) {}

  onResult(): void {
    this.next()
  }

  onChunk(): void {}

  onError(): void {
    this.next()
  }
}
