/** An error with whatever fields it has. */
export type AnyError = Error & Readonly<Record<string, unknown>>

/** The error that a promise rejects with; a promise that resolves is the failure. */
export async function errorOf(promise: PromiseLike<unknown>): Promise<AnyError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ("error" in outcome && outcome.error instanceof Error) return outcome.error as AnyError
  throw new Error("it did not fail with an error", { cause: outcome })
}

/** Everything that an iterable gives. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}
