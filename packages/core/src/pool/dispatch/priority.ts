/** How urgent a call is to those that wait beside it. */
export type Priority = "high" | "normal" | "low"

/** The most urgent first. */
export const priorities: readonly Priority[] = ["high", "normal", "low"]

const normal = priorities.indexOf("normal")

/** Its place among the priorities: the less, the more urgent. */
export function rankOf(priority: Priority | undefined): number {
  return priority === undefined ? normal : priorities.indexOf(priority)
}
