import { InvalidConfig } from "../errors/errors.js"
import { UnknownSession } from "../errors/session-errors.js"
import { show } from "../protocol/violation.js"

/** Every frame of a session carries its id. */
const maxIdBytes = 256

/** @throws {InvalidConfig} */
export function checkSessionId(id: string): void {
  const reason = problemOf(id)
  if (reason !== undefined)
    throw new InvalidConfig({ message: `the id of a session ${reason}`, key: "session" })
}

/** What is wrong with an id, if anything is. */
export function problemOf(id: unknown): string | undefined {
  if (typeof id !== "string") return `must be a string, not ${show(id)}`
  const bytes = Buffer.byteLength(id)
  return bytes <= maxIdBytes ? undefined : `has ${bytes} bytes; ${maxIdBytes} may be`
}

/** The same for a session that never was and for one that has ended. */
export function unknownSession(session: string): UnknownSession {
  return new UnknownSession({ message: `there is no session ${JSON.stringify(session)}`, session })
}
