import type { Args, CallOptions } from "@snakepit/core"

/** A `Snakepit` or a `Session` whose workers offer generic calls: `python({ generic: true })`. */
export interface ToolCaller {
  execute<T = unknown>(tool: string, args?: Args, options?: Omit<CallOptions, "session">): Promise<T>
}

/** What Python calls positional arguments, or keyword arguments when it is an object. */
export type PythonArgs = readonly unknown[] | Args

export interface PythonCallOptions extends Omit<CallOptions, "session"> {
  /** Keeps the result in the worker under this name, and answers with a description of it. */
  readonly storeAs?: string
}

/** An object that stays in the worker. */
export interface StoredObject {
  /** Its name: `stored.NAME` is a target of later calls. */
  readonly stored: string
  /** Its class in Python: `collections.Counter`. */
  readonly type: string
  /** At most 200 characters of what `repr()` says. */
  readonly repr: string
}

/**
 * Any function of Python, with no adapter at all. A *target* is `module.attribute`, for instance `math.sqrt` or
 * `builtins.len`, or `stored.NAME.attribute`.
 *
 * What is stored belongs to the session when these are a session's calls, and is released with it; else to the worker.
 * It lies in the worker that served the call: use a session whose affinity is strict, or a pool of one worker.
 */
export interface PythonCalls {
  /**
   * Calls a function, a class or a stored object.
   * @param args positional arguments, or keyword arguments as an object.
   * @param kwargs keyword arguments, beside positional ones.
   * @throws {CallError} `ToolError` when Python raises; its `type` is `UnknownTarget` when there is no such function.
   */
  call(
    target: string,
    args: PythonArgs | undefined,
    kwargs: Args | undefined,
    options: PythonCallOptions & { readonly storeAs: string },
  ): Promise<StoredObject>
  call<T = unknown>(target: string, args?: PythonArgs, kwargs?: Args, options?: PythonCallOptions): Promise<T>
  /** The value of an attribute: `math.pi`, `stored.model.coef_`. */
  get<T = unknown>(target: string): Promise<T>
  /** Keeps a value under a name of letters, digits, `_` and `-`; at most 1,000 of a session. */
  store(name: string, value: unknown): Promise<void>
  /** What is stored. @throws {CallError} `ToolError` of the type `UnknownObject` when there is nothing. */
  retrieve<T = unknown>(name: string): Promise<T>
  /** @returns whether there was something of this name. */
  delete(name: string): Promise<boolean>
  list(): Promise<StoredObject[]>
}

/** `const python = pythonCalls(pit)`, then `await python.call("math.sqrt", [16])`. */
export function pythonCalls(caller: ToolCaller): PythonCalls {
  return {
    call<T>(target: string, args?: PythonArgs, kwargs?: Args, options: PythonCallOptions = {}) {
      const { storeAs, ...rest } = options
      const given = { target, args, kwargs, store_as: storeAs }
      return caller.execute<T>("python.call", given, rest)
    },
    get: (target) => caller.execute("python.get", { target }),
    async store(name, value) {
      await caller.execute("python.store", { name, value })
    },
    retrieve: (name) => caller.execute("python.retrieve", { name }),
    delete: (name) => caller.execute("python.delete", { name }),
    list: () => caller.execute("python.list"),
  }
}
