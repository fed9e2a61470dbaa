/**
 * How a session is tied to the worker that serves it. `hint`: its calls prefer that worker. `strict_queue`: they wait
 * for it. `strict_fail_fast`: they fail with `WorkerBusy` when it has another call to run.
 */
export type Affinity = "hint" | "strict_queue" | "strict_fail_fast"

export const affinities: readonly Affinity[] = ["hint", "strict_queue", "strict_fail_fast"]

/** A session in one pool. */
export interface Binding<W> {
  readonly session: string
  readonly strict: boolean
  /** Who served it last; a strict session's calls run nowhere else. */
  worker: W | undefined
  /** The worker that a strict session has lost, until it is bound again. */
  lost: W | undefined
  /** A hook rebuilds what it had kept; calls wait for that. */
  rebuilding: boolean
  /** Everybody who has served it, and may keep something for it. */
  readonly served: Set<W>
}

/** What a worker has to do with sessions. */
interface Served<W> {
  readonly bindings: Set<Binding<W>>
  /** Strict ones that are bound to it. */
  strict: number
}

/** Which worker serves which session. */
export class Bindings<W> {
  readonly #bySession = new Map<string, Binding<W>>()
  readonly #byWorker = new Map<W, Served<W>>()

  get(session: string): Binding<W> | undefined {
    return this.#bySession.get(session)
  }

  /** A worker is about to serve a session. */
  bind(session: string, worker: W, strict: boolean): void {
    const binding = this.#bySession.get(session) ?? this.#add(session, strict)
    if (binding.worker === worker) return
    this.#move(binding, worker)
    binding.served.add(worker)
    this.#servedBy(worker).bindings.add(binding)
  }

  /** Sessions that a worker has served and that have not ended. */
  count(worker: W): number {
    return this.#byWorker.get(worker)?.bindings.size ?? 0
  }

  /** Strict sessions that run on this worker and nowhere else. */
  countStrict(worker: W): number {
    return this.#byWorker.get(worker)?.strict ?? 0
  }

  /** @returns the workers that have served the session. */
  forgetSession(session: string): Iterable<W> {
    const binding = this.#bySession.get(session)
    if (binding === undefined) return []
    this.#bySession.delete(session)
    this.#move(binding, undefined)
    for (const worker of binding.served) this.#byWorker.get(worker)?.bindings.delete(binding)
    return binding.served
  }

  /** @returns the strict sessions that have lost it. */
  forgetWorker(worker: W): Binding<W>[] {
    const lost: Binding<W>[] = []
    for (const binding of this.#byWorker.get(worker)?.bindings ?? []) {
      binding.served.delete(worker)
      if (binding.worker !== worker) continue
      this.#move(binding, undefined)
      if (!binding.strict) continue
      binding.lost = worker
      lost.push(binding)
    }
    this.#byWorker.delete(worker)
    return lost
  }

  #move(binding: Binding<W>, worker: W | undefined): void {
    if (binding.strict && binding.worker !== undefined) this.#servedBy(binding.worker).strict -= 1
    if (binding.strict && worker !== undefined) this.#servedBy(worker).strict += 1
    binding.worker = worker
  }

  #servedBy(worker: W): Served<W> {
    const served = this.#byWorker.get(worker) ?? { bindings: new Set(), strict: 0 }
    this.#byWorker.set(worker, served)
    return served
  }

  #add(session: string, strict: boolean): Binding<W> {
    const binding = {
      session,
      strict,
      worker: undefined,
      lost: undefined,
      rebuilding: false,
      served: new Set<W>(),
    }
    this.#bySession.set(session, binding)
    return binding
  }
}
