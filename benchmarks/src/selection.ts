import type { Contestant } from "./contestant.js"
import type { PythonFacts } from "./python.js"

/** What of a contestant decides whether it can run; others take its place with a contestant of their own kind. */
interface Candidate<Kind> {
  readonly needs?: readonly string[]
  readonly instead?: Kind
}

/** Those who can run with this Python; one who cannot is left out, or replaced by `instead`. */
export function select<Kind extends Candidate<Kind>>(
  contestants: readonly Kind[],
  python: PythonFacts,
): readonly Kind[] {
  const able = contestants.flatMap((each) => {
    if (missing(each, python).length === 0) return [each]
    return each.instead === undefined ? [] : [each.instead]
  })
  return [...new Set(able)]
}

/** One line for each contestant that cannot run: who, why, and what to do about it. */
export function explainAbsence(contestants: readonly Contestant[], python: PythonFacts): readonly string[] {
  return [...new Set(contestants)].flatMap((each) => {
    const names = missing(each, python).join(" ")
    const place = each.instead === undefined ? "is left out" : `gives its place to ${each.instead.name}`
    const command = `${python.executable} -m pip install ${names}`
    return names === "" ? [] : [`${each.name} ${place}: this Python lacks ${names} (${command})`]
  })
}

const missing = ({ needs = [] }: Candidate<unknown>, { packages }: PythonFacts): readonly string[] =>
  needs.filter((name) => packages[name] === undefined)
