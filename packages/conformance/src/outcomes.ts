/** Everything that an iterable gives. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of values) all.push(value)
  return all
}

/** The error that a promise rejects with. @throws when it resolves. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    (value) => value,
    (error: unknown) => error,
  )
  if (error instanceof Error) return error
  throw new Error(`no error but ${JSON.stringify(error)}`)
}

/** A promise that is kept from outside. */
export interface Gate {
  readonly passed: Promise<void>
  open(): void
}

export function gate(): Gate {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
