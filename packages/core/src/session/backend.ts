/**
 * Where the contents of sessions are kept: keys and values, in scopes. Built in is memory; another place, such as Redis
 * or SQLite, implements these four methods.
 *
 * - Scopes and keys are any strings. A scope needs no making: it is there while it has a key.
 * - Values are what can travel to a tool (`ToolValue`): plain data with bytes, dates, bigints and tensors. They come
 *   back as what they were. Nobody changes a value in place, so a backend may keep and give out the very same one.
 * - What a method cannot do, it rejects with an error of its own; nothing has changed then.
 * - No scope is given to two programs at a time, but methods of one scope may overlap.
 */
export interface SessionBackend {
  /** The values of these keys at one moment, without those that the scope does not have. */
  get(scope: string, keys: readonly string[]): Promise<Values>

  /** Everything in the scope at one moment, in any order. */
  entries(scope: string): Promise<Values>

  /**
   * Changes keys of a scope: all that `change` says, or nothing. Between what `change` saw and what is written nothing
   * else happens to the scope; where that cannot be had by a lock, `change` runs again with what there is now, and only
   * its last run counts. What it throws is thrown on, and nothing has changed.
   * @returns the changes that were made.
   */
  update(scope: string, keys: readonly string[], change: (current: Current) => Changes): Promise<Changes>

  /** Removes the scope, and gives its memory back. */
  clear(scope: string): Promise<void>
}

export type Values = ReadonlyMap<string, unknown>

/** What a change starts from. */
export interface Current {
  /** The values of the keys that were asked for, without those that the scope does not have. */
  readonly values: Values
  /** How many keys the scope has, all of them counted. */
  readonly size: number
}

/** New values by key, of the keys that were asked for; `undefined` deletes one. */
export type Changes = ReadonlyMap<string, unknown>
