import type { SessionBackend } from "../../src/session/backend.js"
import { SessionContents } from "../../src/session/contents.js"
import { MemoryBackend } from "../../src/session/memory-backend.js"

export interface Opened {
  readonly contents: SessionContents
  /** The sessions that there are. */
  readonly open: Set<string>
}

/** Contents of the sessions `s` and `t`. */
export function openContents(
  limits: { readonly [name: string]: number } = {},
  backend: SessionBackend = new MemoryBackend(),
): Opened {
  const open = new Set(["s", "t"])
  const contents = new SessionContents({
    backend,
    limits: { maxVariables: 1000, maxPrograms: 200, maxGlobalPrograms: 10_000, ...limits },
    isOpen: (session) => open.has(session),
  })
  return { contents, open }
}
