import { Cause, Deferred, Effect, Exit, Fiber, Layer, Stream } from "effect"
import { describe, expect, test } from "vitest"
import { Snakepit, type SnakepitService } from "../src/effect.js"
import { InvalidConfig, StartFailed } from "../src/index.js"
import { inProcess, memory, type ToolFunction } from "../src/testing.js"

type Tools = { readonly [name: string]: ToolFunction }

/** Runs a program on one in-process worker; what it gives, or fails with. */
function run<A, E>(tools: Tools, program: (pit: SnakepitService) => Effect.Effect<A, E>): Promise<A> {
  const layer = Snakepit.layer({
    adapter: inProcess({ tools }),
    transports: [memory()],
    pool: { size: 1 },
    logger: false,
  })
  return Effect.runPromise(Effect.provide(Effect.flatMap(Snakepit, program), layer))
}

/** A tool that runs until it is aborted, and tells of both. */
function endless() {
  const started = Deferred.makeUnsafe<void>()
  const stopped = Deferred.makeUnsafe<void>()
  const tool: ToolFunction = (_args, { signal }) =>
    new Promise((_resolve, reject) => {
      Deferred.doneUnsafe(started, Effect.void)
      signal.addEventListener("abort", () => {
        Deferred.doneUnsafe(stopped, Effect.void)
        reject(signal.reason)
      })
    })
  return { tool, started, stopped }
}

async function* numbers() {
  for (let n = 0; ; n++) yield n
}

describe("the Effect face", () => {
  test("calls a tool", async () => {
    const add = ({ a, b }: { a: number; b: number }) => a + b
    expect(await run({ add }, (pit) => pit.execute<number>("add", { a: 2, b: 3 }))).toBe(5)
  })

  test("has sessions, which end with the scope", async () => {
    const session: ToolFunction = (_args, context) => context.session ?? null
    const seen = await run({ session }, (pit) =>
      Effect.gen(function* () {
        const inside = yield* Effect.scoped(
          Effect.gen(function* () {
            const mine = yield* pit.session("s")
            yield* Effect.promise(() => mine.variables.register("x", "integer", 1))
            return [
              yield* pit.execute("session", {}, { session: mine.id }),
              yield* Effect.promise(() => pit.sessions.list()),
            ]
          }),
        )
        return [...inside, yield* Effect.promise(() => pit.sessions.list())]
      }),
    )
    expect(seen).toEqual(["s", ["s"], []])
  })

  test("fails with errors that have a tag", async () => {
    const bad = () => {
      throw new RangeError("too far")
    }
    const outcome = await run({ bad }, (pit) =>
      pit.execute("bad").pipe(
        Effect.as("succeeded"),
        Effect.catchTag("ToolError", (error) => Effect.succeed(`${error.type}: ${error.message}`)),
        Effect.catchTag("UnknownTool", () => Effect.succeed("unknown")),
      ),
    )
    expect(outcome).toContain("RangeError")
    expect(outcome).toContain("too far")
  })

  test("stops the tool of an effect that is interrupted; the worker goes on", async () => {
    const { tool, started, stopped } = endless()
    const answer = await run({ tool, next: () => "served" }, (pit) =>
      Effect.gen(function* () {
        const fiber = yield* Effect.forkChild(pit.execute("tool"))
        yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(stopped)
        return yield* pit.execute("next")
      }),
    )
    expect(answer).toBe("served")
  })

  test("streams, and stops the producer of a stream that is left", async () => {
    const taken = await run({ numbers, next: () => "served" }, (pit) =>
      Effect.gen(function* () {
        const chunks = yield* Stream.runCollect(Stream.take(pit.stream<number>("numbers"), 5))
        return [chunks.map((chunk) => chunk.data), yield* pit.execute("next")]
      }),
    )
    expect(taken).toEqual([[0, 1, 2, 3, 4], "served"])
  })

  test("a stream fails as a call does, after the chunks that came before", async () => {
    async function* breaks() {
      yield 1
      throw new Error("broke")
    }
    const seen: unknown[] = []
    const exit = await run({ breaks }, (pit) =>
      Effect.exit(
        Stream.runForEach(pit.stream("breaks"), (chunk) => Effect.sync(() => seen.push(chunk.data))),
      ),
    )
    expect(seen).toEqual([1])
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain("broke")
  })

  test("shows pools, host tools and events, and forgets listeners with their scope", async () => {
    const heard: string[] = []
    const ask: ToolFunction = (_args, { callHostTool }) => callHostTool("name")
    const result = await run({ ask }, (pit) =>
      Effect.gen(function* () {
        pit.tools.register("name", () => "Ada")
        const listen = pit.on("snakepit.request.executed", ({ metadata }) => heard.push(metadata.command))
        const answer = yield* Effect.scoped(Effect.andThen(listen, pit.execute("ask")))
        yield* pit.execute("ask")
        return { answer, stats: yield* pit.stats, workers: yield* pit.workers }
      }),
    )
    expect(result.answer).toBe("Ada")
    expect(result.stats).toMatchObject({ workers: 1, requests: 2, errors: 0 })
    expect(result.workers.map(({ id }) => id)).toEqual(["default-1"])
    expect(heard).toEqual(["ask"])
  })

  test("what a hook throws is a defect, also when it has a tag", async () => {
    class Odd extends Error {
      readonly _tag = "Odd"
    }
    const adapter = {
      ...inProcess({ tools: { echo: () => 1 } }),
      prepareArgs() {
        throw new Odd("not ours")
      },
    }
    const layer = Snakepit.layer({ adapter, transports: [memory()], pool: { size: 1 }, logger: false })
    const exits = Effect.flatMap(Snakepit, (pit) =>
      Effect.all([Effect.exit(pit.execute("echo")), Effect.exit(Stream.runDrain(pit.stream("echo")))]),
    )
    for (const exit of await Effect.runPromise(Effect.provide(exits, layer)))
      expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
  })

  test("a layer that cannot start says why, as an error of its own", async () => {
    const build = (config: Parameters<typeof Snakepit.layer>[0]) =>
      Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(Snakepit.layer(config)))))
    const adapter = { name: "none", launch: () => ({ executable: "/no/such/program", args: [] }) }
    expect(await build({ adapter, transports: [memory()], logger: false })).toBeInstanceOf(StartFailed)
    expect(await build({ adapter, transports: [] })).toBeInstanceOf(InvalidConfig)
  })
})
