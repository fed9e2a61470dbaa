import {
  inProcess,
  StreamChunk,
  type ToolContext,
  type ToolDefinition,
  type ToolFunction,
} from "@snakepit/core/testing"
import { sessionTools } from "./session-tools.js"
import { valueTools } from "./values/tools.js"

type Tools = { readonly [name: string]: ToolFunction | ToolDefinition }

/** The tools that the suites call, in TypeScript; `python/conformance_adapter.py` has the same in Python. */
export function conformanceTools(): Tools {
  const journal: string[] = []
  const note = (line: string): void => void journal.push(line)
  return {
    ...unary(journal),
    ...streams(note),
    ...stoppable(note),
    ...valueTools(),
    ...errors(),
    ...hostTools(note),
    ...sessionTools(note),
  }
}

/** An adapter whose every worker has tools, and a journal, of its own. */
export const inProcessAdapter: ReturnType<typeof inProcess> = {
  name: "conformance",
  launch: (context) => inProcess({ tools: conformanceTools(), name: "conformance" }).launch(context),
}

function unary(journal: string[]): Tools {
  return {
    add: {
      run: ({ a, b }: { a: number; b: number }) => a + b,
      parameters: [
        { name: "a", type: "integer", required: true },
        { name: "b", type: "integer", required: true },
      ],
    },
    echo: ({ value }) => value,
    context: (_args, { session, meta }) => ({ session, meta }),
    note: ({ line }: { line: string }) => void journal.push(line),
    journal: () => journal.splice(0),
    log: ({ count }: { count: number }, { log }) => {
      for (let line = 0; line < count; line += 1) log("info", `line ${line}`)
      return count
    },
    log_text: ({ length }: { length: number }, { log }) => log("info", "x".repeat(length)),
    crash: (_args, context) => context.crash(),
    text: ({ length }: { length: number }) => "x".repeat(length),
    bytes: ({ length }: { length: number }) => new Uint8Array(length),
  }
}

function streams(note: (line: string) => void): Tools {
  return {
    async *count({ to }: { to: number }) {
      for (let n = 0; n < to; n += 1) yield n
    },
    async *count_and_return({ to }: { to: number }) {
      for (let n = 0; n < to; n += 1) yield n
      return { total: to }
    },
    async *mark({ to }: { to: number }) {
      for (let n = 0; n < to; n += 1)
        yield new StreamChunk(n, { isFinal: n === to - 1, metadata: { n: `${n}` } })
    },
    async *fail_after({ count }: { count: number }) {
      for (let n = 0; n < count; n += 1) yield n
      throw namedError("ValueError", "no more")
    },
    async *produce({ count, length }: { count: number; length: number }) {
      for (let n = 0; n < count; n += 1) yield "x".repeat(length)
    },
    async *produce_bytes({ count, length }: { count: number; length: number }) {
      for (let n = 0; n < count; n += 1) yield new Uint8Array(length)
    },
    async *ticks(_args: object, { signal }: ToolContext) {
      try {
        for (let n = 0; ; n += 1) {
          signal.throwIfAborted()
          yield n
        }
      } finally {
        note("ticks stopped")
      }
    },
  }
}

function stoppable(note: (line: string) => void): Tools {
  return {
    spin: async (_args, { log, signal }) => {
      log("info", "spinning")
      try {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
      } finally {
        note("spin stopped")
      }
    },
    refuse: (_args, { log }) => {
      log("info", "refusing")
      return new Promise(() => {})
    },
  }
}

function errors(): Tools {
  const made: { readonly [kind: string]: () => unknown } = {
    unprintable: () =>
      Object.defineProperty(namedError("ValueError", ""), "message", {
        get: () => {
          throw new Error("no text")
        },
      }),
    surrogates: () => namedError("ValueError", "half \ud800 a character"),
    long: () => namedError("ValueError", "x".repeat(1_000_000)),
  }
  return {
    fail: ({ message }: { message: string }) => {
      throw namedError("ValueError", message)
    },
    fail_oddly: ({ kind }: { kind: string }) => {
      throw made[kind]?.()
    },
  }
}

function namedError(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}

function hostTools(note: (line: string) => void): Tools {
  return {
    call_host: ({ tool, args }: { tool: string; args: object }, { callHostTool }) =>
      callHostTool(tool, { ...args }),
    try_host: ({ tool, args }: { tool: string; args: object }, { callHostTool }) =>
      callHostTool(tool, { ...args }).then((value) => ({ value }), describe),
    /** What the error of a host's tool carries. */
    details_of_host: ({ tool }: { tool: string }, { callHostTool }) =>
      callHostTool(tool).catch((error: { readonly details?: unknown }) => error.details),
    /** Is under way as long as its caller likes, and says when it began and ended. */
    wait: async ({ name }: { name: string }, { callHostTool }) => {
      note(`${name} began`)
      try {
        return await callHostTool("gate", { name })
      } finally {
        note(`${name} ended`)
      }
    },
    leave_host: ({ tool }: { tool: string }, { callHostTool }) => void callHostTool(tool),
    /** Everything that a tool of the host yields, or its first items. */
    read_host: async (
      { tool, args, upto = Infinity }: { tool: string; args: object; upto?: number },
      { streamHostTool },
    ) => {
      const items: unknown[] = []
      for await (const item of streamHostTool(tool, { ...args })) if (items.push(item) === upto) break
      return items
    },
    /** Calls `gate` in the middle of a stream of the host. */
    take_host: async ({ tool, count }: { tool: string; count: number }, { callHostTool, streamHostTool }) => {
      const stream = streamHostTool(tool)
      for (let taken = 0; taken < count; taken += 1) await stream.next()
      await callHostTool("gate")
      await stream.return?.()
    },
    async *host_chunks({ tool, count }: { tool: string; count: number }, { callHostTool }: ToolContext) {
      for (let n = 0; n < count; n += 1) yield await callHostTool(tool, { n })
    },
  }
}

function describe(
  error: Error & {
    readonly type?: string
    readonly code?: string
    readonly _tag?: string
  },
): object {
  const { code = codes[`${error._tag}`] ?? "tool_error" } = error
  return { code, type: error.type ?? error.name, message: error.message }
}

const codes: { readonly [tag: string]: string } = {
  UnknownTool: "unknown_tool",
  InvalidParameter: "invalid_parameter",
}
