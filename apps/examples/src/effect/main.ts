import assert from "node:assert/strict"
import { Snakepit } from "@snakepit/core/effect"
import { python } from "@snakepit/python-bridge"
import { json } from "@snakepit/transport-json"
import { Effect, Schedule, Stream } from "effect"

const cwd = new URL("../../src/effect", import.meta.url)
const logged: string[] = []

/** The pool starts with the layer, and ends with it. */
const live = Snakepit.layer({
  adapter: python({ adapter: "./service.py:Service", cwd }),
  transports: [json()],
  pool: { size: 1 },
  logger: (record) => void logged.push(record.message),
})

const program = Effect.gen(function* () {
  const pit = yield* Snakepit

  // Nothing is tried again unless you say so. Errors are typed, so the policy can be exact.
  const found = yield* pit.execute<{ attempts: number }>("lookup", { key: "snake" }).pipe(
    Effect.tapError((error) => Effect.sync(() => console.log(`  ${error.message}`))),
    Effect.retry({
      schedule: Schedule.exponential("10 millis"),
      times: 5,
      while: (error) => error._tag === "ToolError" && error.type === "ConnectionError",
    }),
  )
  console.log(`Found at attempt ${found.attempts}.`)
  assert.equal(found.attempts, 3)

  // An endless stream; to take five chunks of it is to interrupt it, and Python's generator with it.
  const squares = yield* pit.stream<number>("ticks").pipe(
    Stream.map((chunk) => Number(chunk.data) ** 2),
    Stream.take(5),
    Stream.runCollect,
  )
  console.log(`The first five squares: ${squares.join(", ")}.`)
  assert.deepEqual([...squares], [0, 1, 4, 9, 16])

  // Errors can be handled by their tag.
  const outcome = yield* pit.execute("lookup", { kee: "snake" }).pipe(
    Effect.map(() => "accepted"),
    Effect.catchTag("InvalidParameter", (error) => Effect.succeed(error.reason)),
  )
  console.log(`A misspelt argument: ${outcome}.`)
  assert.notEqual(outcome, "accepted")
})

await Effect.runPromise(program.pipe(Effect.provide(live)))

// The worker has ended by now, so everything it had to say has arrived.
assert(logged.includes("the ticking stopped"))
console.log("The generator's finally block ran before the worker ended.")
