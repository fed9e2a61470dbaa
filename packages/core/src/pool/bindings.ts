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

/** Which worker serves which session. */
export class Bindings<W> {
  readonly #bySession = new Map<string, Binding<W>>()
  readonly #byWorker = new Map<W, Set<Binding<W>>>()

  get(session: string): Binding<W> | undefined {
    return this.#bySession.get(session)
  }

  /** A worker is about to serve a session. */
  bind(session: string, worker: W, strict: boolean): void {
    const binding = this.#bySession.get(session) ?? this.#add(session, strict)
    binding.worker = worker
    if (binding.served.has(worker)) return
    binding.served.add(worker)
    const bindings = this.#byWorker.get(worker)
    if (bindings === undefined) this.#byWorker.set(worker, new Set([binding]))
    else bindings.add(binding)
  }

  /** Sessions that a worker has served and that have not ended. */
  count(worker: W): number {
    return this.#byWorker.get(worker)?.size ?? 0
  }

  /** @returns the workers that have served the session. */
  forgetSession(session: string): Iterable<W> {
    const binding = this.#bySession.get(session)
    if (binding === undefined) return []
    this.#bySession.delete(session)
    for (const worker of binding.served) this.#byWorker.get(worker)?.delete(binding)
    return binding.served
  }

  /** @returns the strict sessions that have lost it. */
  forgetWorker(worker: W): Binding<W>[] {
    const lost: Binding<W>[] = []
    for (const binding of this.#byWorker.get(worker) ?? []) {
      binding.served.delete(worker)
      if (binding.worker !== worker) continue
      binding.worker = undefined
      if (!binding.strict) continue
      binding.lost = worker
      lost.push(binding)
    }
    this.#byWorker.delete(worker)
    return lost
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
