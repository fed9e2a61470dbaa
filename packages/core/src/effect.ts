import { Cause, Context, Effect, Layer, type Scope, Stream } from "effect"
import type { Args } from "./adapter/adapter.js"
import type { CallOptions, StreamOptions } from "./client/call-options.js"
import { type Chunk, toChunk } from "./client/chunk.js"
import type { OpenStream } from "./client/client.js"
import type { SnakepitConfig } from "./config.js"
import { type CallError, type InvalidConfig, isCallError, type StartFailed } from "./errors/errors.js"
import { listWorkers, type Stats, totalStats, type WorkerInfo } from "./inspection.js"
import { currentHostCall } from "./pool/calls/nesting.js"
import type { KeepAlive } from "./process/keep-alive.js"
import type { ChunkFrame } from "./protocol/frame.js"
import { makeRuntime, type Runtime } from "./runtime.js"
import { GlobalPrograms } from "./session-contents.js"
import { Session, type SessionOptions } from "./session-handle.js"
import { newSessionId, SessionStore } from "./session-store.js"
import type { Listener } from "./telemetry/emitter.js"
import type { EventName } from "./telemetry/events.js"
import { HostToolRegistry } from "./tool-registry.js"

/** Pools of workers, as Effects. Interrupting a call or leaving a stream stops Python. */
export interface SnakepitService {
  execute<T = unknown>(tool: string, args?: Args, options?: CallOptions): Effect.Effect<T, CallError>
  stream<T = unknown>(tool: string, args?: Args, options?: StreamOptions): Stream.Stream<Chunk<T>, CallError>
  /** TypeScript functions that tools may call, and the tools that workers offer. */
  readonly tools: HostToolRegistry
  /**
   * A session that is closed with the scope, and what is kept for it. Its calls as Effects: `execute` and `stream` with
   * the option `session`.
   */
  session(id?: string, options?: SessionOptions): Effect.Effect<Session, never, Scope.Scope>
  /** The sessions that live. */
  readonly sessions: SessionStore
  /** Programs of no session. */
  readonly programs: GlobalPrograms
  /** Numbers of all pools together, and of each. */
  readonly stats: Effect.Effect<Stats>
  /** Every worker there is, also those that are being started. */
  readonly workers: Effect.Effect<readonly WorkerInfo[]>
  /** Hears events until the scope ends. */
  on<N extends EventName>(name: N, listener: Listener<N>): Effect.Effect<void, never, Scope.Scope>
}

export class Snakepit extends Context.Service<Snakepit, SnakepitService>()("@snakepit/core/Snakepit") {
  /** Starts the pools with the layer and closes them with it. */
  static readonly layer = (config: SnakepitConfig): Layer.Layer<Snakepit, StartFailed | InvalidConfig> =>
    Layer.effect(Snakepit, make(config))
}

/** Starts the pools; they end with the scope. */
export const make = (
  config: SnakepitConfig,
): Effect.Effect<SnakepitService, StartFailed | InvalidConfig, Scope.Scope> =>
  Effect.map(makeRuntime(config), serve)

function serve(runtime: Runtime): SnakepitService {
  return {
    tools: new HostToolRegistry(runtime),
    session: (id = newSessionId(), options) =>
      Effect.acquireRelease(
        Effect.sync(() => new Session(runtime, id, options)),
        (session) => Effect.promise(() => session.close()),
      ),
    sessions: new SessionStore(runtime),
    programs: new GlobalPrograms(runtime.contents),
    stats: Effect.sync(() => totalStats(runtime)),
    workers: Effect.sync(() => listWorkers(runtime)),
    on: (name, listener) =>
      Effect.asVoid(
        Effect.acquireRelease(
          Effect.sync(() => runtime.emitter.on(name, listener)),
          (remove) => Effect.sync(remove),
        ),
      ),
    execute: (tool, args = {}, options = {}) => execute(runtime, tool, args, options),
    stream: (tool, args = {}, options = {}) => stream(runtime, tool, args, options),
  }
}

function execute<T>(
  { client }: Runtime,
  tool: string,
  args: Args,
  options: CallOptions,
): Effect.Effect<T, CallError> {
  return Effect.callback((resume) => {
    const cancel = client.begin(tool, args, options, currentHostCall(), {
      onValue: (value) => resume(Effect.succeed(value as T)),
      onError: (error) => resume(isCallError(error) ? Effect.fail(error) : Effect.die(error)),
    })
    return Effect.sync(() => cancel("it was interrupted"))
  })
}

function stream<T>(
  { client, keepAlive }: Runtime,
  tool: string,
  args: Args,
  options: StreamOptions,
): Stream.Stream<Chunk<T>, CallError> {
  const opened = Effect.acquireRelease(
    attempt(() => client.open(tool, args, options, currentHostCall())),
    (open) => Effect.sync(() => open.cancel("its consumer left the stream")),
  )
  return Stream.unwrap(
    Effect.map(opened, (open) => Stream.fromPull(Effect.succeed(pull<T>(open, keepAlive)))),
  )
}

/** Everything that has arrived, as one batch; waits when there is nothing. */
function pull<T>(open: OpenStream, keepAlive: KeepAlive) {
  const take: Effect.Effect<readonly ChunkFrame[] | undefined, CallError> = attempt(() =>
    open.queue.takeAll(),
  )
  const step = (): Effect.Effect<readonly [Chunk<T>, ...Chunk<T>[]], CallError | Cause.Done> =>
    Effect.flatMap(take, (frames) => {
      if (frames === undefined) return Cause.done()
      const [first, ...rest] = frames.map((frame) =>
        toChunk<T>(frame, open.process(frame.value) as T, open.call),
      )
      if (first !== undefined) return Effect.succeed([first, ...rest] as const)
      return Effect.flatMap(
        Effect.promise(() => keepAlive.during(open.queue.changed())),
        step,
      )
    })
  return Effect.suspend(step)
}

/** Call errors are outcomes; anything else that is thrown is a defect. */
function attempt<A>(run: () => A): Effect.Effect<A, CallError> {
  return Effect.try({
    try: run,
    catch: (error) => {
      if (isCallError(error)) return error
      throw error
    },
  })
}
