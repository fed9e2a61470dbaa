import type { ToolContext, ToolDefinition, ToolFunction } from "@snakepit/core/testing"
import { difference } from "./values/same.js"
import { variableCases } from "./variables.js"

type Tools = { readonly [name: string]: ToolFunction | ToolDefinition }

/** The tools that use sessions; `python/conformance_session_tools.py` has the same in Python. */
export function sessionTools(note: (line: string) => void): Tools {
  const kept = new Map<string | undefined, unknown>()
  return {
    /** Keeps something in the worker until the session ends. */
    remember: ({ value }: { value: unknown }, { session, onSessionEnd }) => {
      if (session !== undefined && !kept.has(session)) {
        onSessionEnd(() => {
          kept.delete(session)
          note(`${session} ended`)
        })
      }
      kept.set(session, value)
    },
    recall: (_args, { session }) => kept.get(session) ?? null,
    write_variable: async ({ name }: { name: string }, { callHostTool }) => {
      const { type, value, constraints } = caseOf(name)
      await callHostTool("snakepit.variables.register", { name, type, value, constraints })
    },
    read_variable: async ({ name }: { name: string }, { callHostTool }) => {
      const found = await callHostTool<Found>("snakepit.variables.get", { names: [name] })
      return difference(caseOf(name).reads, found[name]?.value) ?? "the same"
    },
    update_variables: async ({ updates }: { updates: object }, { callHostTool }) => {
      await callHostTool("snakepit.variables.update", { updates })
    },
    create_program: (args: object) => ({ program_id: "made", fields: Object.keys(args).length }),
    execute_program: (args: object) => args,
    program: ({ id }: { id: string }, { callHostTool }: ToolContext) =>
      callHostTool("snakepit.programs.get", { id }),
  }
}

interface Found {
  readonly [name: string]: { readonly value: unknown }
}

function caseOf(name: string) {
  const found = variableCases[name]
  if (found === undefined) throw new Error(`there is no variable "${name}"`)
  return found
}
