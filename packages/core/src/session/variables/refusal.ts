import { InvalidVariable } from "../../errors/session-errors.js"
import { show } from "../../protocol/violation.js"

/** Says no to a variable. */
export type Refuse = (reason: string) => never

export function refusalOf(variable: string): Refuse {
  return (reason) => {
    throw new InvalidVariable({
      message: `the variable ${JSON.stringify(variable)} ${reason}`,
      variable,
      reason,
    })
  }
}

/** A few of many names or values, for messages. */
export function some(values: readonly unknown[]): string {
  const shown = values.slice(0, 20).map(show).join(", ")
  return values.length > 20 ? `${shown}, …` : shown
}
