import { InvalidValue } from "../protocol/invalid-value.js"
import { type Entries, ValueEncoder } from "../protocol/value-encode.js"

/** Deep enough for what anybody keeps, and leaves room for what is around a value on its way to a tool. */
const maxDepth = 100

/** What in a value cannot be kept, for it could not travel to a tool. */
export function findUnkeepable(value: unknown, root: string): InvalidValue | undefined {
  try {
    new Walk(maxDepth).encode(value, root)
    return undefined
  } catch (error) {
    // Anything else was thrown by a getter of the value.
    return error instanceof InvalidValue ? error : new InvalidValue(root, `cannot be read: ${String(error)}`)
  }
}

/** Why a value cannot be kept; `undefined`: it can. */
export function unkeepable(value: unknown, root: string): string | undefined {
  return findUnkeepable(value, root)?.message
}

export function isKeepable(value: unknown): boolean {
  return findUnkeepable(value, "") === undefined
}

/** Goes over a value as an encoding does, and makes nothing of it. */
class Walk extends ValueEncoder {
  protected number(value: number): unknown {
    return value
  }

  protected bigint(value: bigint): unknown {
    return value
  }

  protected bytes(bytes: Uint8Array): unknown {
    return bytes
  }

  protected date(iso: string): unknown {
    return iso
  }

  protected tensor(tensor: unknown): unknown {
    return tensor
  }

  protected map(entries: Entries): unknown {
    for (const key of Object.keys(entries)) this.text(key)
    return entries
  }

  protected override text(text: string): unknown {
    if (/\p{Surrogate}/u.test(text))
      throw new InvalidValue(JSON.stringify(text.slice(0, 60)), "is not valid Unicode")
    return text
  }
}
