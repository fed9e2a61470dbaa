import { Data } from "effect"

const inspect = Symbol.for("nodejs.util.inspect.custom")

/** Effect's tagged error, printed as people expect of an error: message and stack instead of its fields. */
export const TaggedError: typeof Data.TaggedError = (tag) => {
  const Base = Data.TaggedError(tag)
  Object.defineProperty(Base.prototype, inspect, {
    value(this: Error): string {
      return this.stack ?? String(this)
    },
  })
  return Base
}
