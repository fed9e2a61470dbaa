import type { Contestant } from "./contestant.js"
import { machineFacts, versions } from "./machine.js"
import { describePython, findPython, type PythonFacts } from "./python.js"
import type { RunFacts } from "./results.js"
import type { Pace } from "./runner.js"
import { explainAbsence } from "./selection.js"

/** What is known before anybody is measured. */
export function gatherFacts(
  everyone: readonly Contestant[],
  quick: boolean,
  pace: Pace,
): { readonly python: PythonFacts; readonly facts: RunFacts } {
  const needs = everyone.flatMap(({ needs = [] }) => needs)
  const python = describePython(findPython(), needs)
  const facts = {
    date: new Date().toISOString(),
    machine: machineFacts(),
    versions: versions(python),
    quick,
    pace,
    absent: explainAbsence(everyone, python),
  }
  return { python, facts }
}
