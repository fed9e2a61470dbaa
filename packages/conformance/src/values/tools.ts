import type { ToolDefinition, ToolFunction } from "@snakepit/core/testing"
import { arrivalFor, nestedLists, valueFor } from "./cases.js"
import { described } from "./described.js"
import { sha256 } from "./large.js"
import { objects } from "./objects.js"
import { difference } from "./same.js"

type Tools = { readonly [name: string]: ToolFunction | ToolDefinition }

/** The tools that send, take and describe values; `python/conformance_value_tools.py` has the same in Python. */
export function valueTools(): Tools {
  return {
    check_value: ({ name, value }: { name: string; value?: unknown }) => mustBe(name, value),
    make_value: ({ name }: { name: string }) => valueFor(name),
    async *make_values({ names }: { names: string[] }) {
      for (const name of names) yield valueFor(name)
    },
    swap_value: async ({ name }: { name: string }, { callHostTool }) =>
      mustBe(name, await callHostTool("swap", { name, value: valueFor(name) })),
    bad_value: ({ kind }: { kind: string }) => badValue(kind),
    async *bad_chunk({ kind }: { kind: string }) {
      yield "good"
      yield badValue(kind)
    },
    make_object: ({ name }: { name: string }) => objectFor(name),
    async *make_objects({ names }: { names: string[] }) {
      for (const name of names) yield objectFor(name)
    },
    give_object: ({ name }: { name: string }, { callHostTool }) =>
      callHostTool("take", { name, value: objectFor(name) }),
    describe: ({ value }: { value: unknown }) => ({ value, description: described(value) }),
    digest: ({ data }: { data: Uint8Array }) => ({ data, sha256: sha256(data) }),
    digest_by_host: ({ data }: { data: Uint8Array }, { callHostTool }) => callHostTool("digest", { data }),
    reductions: () => reductions,
    nest: ({ levels }: { levels: number }) => nestedLists(levels),
  }
}

function mustBe(name: string, value: unknown): string {
  const problem = difference(arrivalFor(name), value)
  if (problem !== undefined) throw new TypeError(`${name}: ${problem}`)
  return "ok"
}

function objectFor(name: string): unknown {
  if (!Object.hasOwn(objects, name)) throw new Error(`there is no object "${name}"`)
  return objects[name]
}

let reductions = 0

/** Asks to be made plain in every way that there is; nobody may follow. */
class Reducible {
  toJSON(): string {
    reductions += 1
    return "reduced"
  }
}

function badValue(kind: string): unknown {
  const rows: unknown[] = [1]
  if (kind === "lone_surrogate") rows.push({ name: "\ud800" })
  else if (kind === "circular") rows.push(rows)
  else if (kind === "too_deep") rows.push(nestedLists(200))
  else if (kind === "huge_integer") rows.push(10n ** 5000n)
  else if (kind === "object") rows.push(new Reducible())
  return { rows }
}
