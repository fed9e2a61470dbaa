import { TaggedError } from "./tagged-error.js"

/** There is no session of this id: it never was, has expired, or was ended. */
export class UnknownSession extends TaggedError("UnknownSession")<{
  readonly message: string
  readonly session: string
}> {}

/** `create` found a session of this id. */
export class SessionExists extends TaggedError("SessionExists")<{
  readonly message: string
  readonly session: string
}> {}

/** A tool asked for what belongs to a session, in a call outside of any. */
export class NoSession extends TaggedError("NoSession")<{
  readonly message: string
  readonly tool: string
}> {}

/** The session has no variable of this name. */
export class UnknownVariable extends TaggedError("UnknownVariable")<{
  readonly message: string
  readonly variable: string
}> {}

/** A value that is not of its variable's type or breaks a constraint; or a bad name, type or constraint. */
export class InvalidVariable extends TaggedError("InvalidVariable")<{
  readonly message: string
  readonly variable: string
  readonly reason: string
}> {}

/** The session has as many variables as `sessions.maxVariables` allows. */
export class VariableQuotaExceeded extends TaggedError("VariableQuotaExceeded")<{
  readonly message: string
  readonly limit: number
}> {}

/** There is no program of this id. */
export class UnknownProgram extends TaggedError("UnknownProgram")<{
  readonly message: string
  readonly program: string
}> {}

/** There are as many programs as `sessions.maxPrograms` (of a session) or `sessions.maxGlobalPrograms` allows. */
export class ProgramQuotaExceeded extends TaggedError("ProgramQuotaExceeded")<{
  readonly message: string
  /** `null`: the global programs. */
  readonly session: string | null
  readonly limit: number
}> {}

export type SessionError =
  | UnknownSession
  | SessionExists
  | NoSession
  | UnknownVariable
  | InvalidVariable
  | VariableQuotaExceeded
  | UnknownProgram
  | ProgramQuotaExceeded
