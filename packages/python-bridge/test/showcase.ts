import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Snakepit } from "@snakepit/core"
import { expect } from "vitest"
import { collect, folder } from "./helpers.js"

/** A file in a folder that is gone when the test is. */
export async function file(name: string, text: string): Promise<string> {
  const path = join(await folder(), name)
  await writeFile(path, text)
  return path
}

/** The chunks before the last one, and the last one, which the tool itself has marked. */
export async function streamed(pit: Snakepit, tool: string, args: Record<string, unknown>) {
  const chunks = await collect(pit.stream<Record<string, unknown>>(tool, args))
  const last = chunks.at(-1)
  expect(last).toMatchObject({ isFinal: true })
  expect(last?.metadata).not.toHaveProperty("synthetic_final")
  return { data: chunks.slice(0, -1).map((chunk) => chunk.data), end: last?.data }
}
