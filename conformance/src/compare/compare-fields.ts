// Compares two records member by member: lists as a whole, milliseconds within the tolerance, the rest exactly.

import { sameValue } from './difference.ts'
import { FREE_FIELDS, MS_FIELDS, RACING_HOOK } from './tolerances.ts'

/** A difference within one record; the path is relative to it. */
export interface FieldDifference {
  readonly path: string
  readonly recorded: unknown
  readonly ours: unknown
}

/** Every member in which the records differ. `msWithin` is what milliseconds may be apart. */
export function compareFields(recorded: object, ours: object, msWithin: number): FieldDifference[] {
  const left = leavesOf(recorded)
  const right = leavesOf(ours)
  const timedOut = hasTimedOut(recorded) && hasTimedOut(ours)
  const found: FieldDifference[] = []
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const field = path.slice(path.lastIndexOf('.') + 1)
    const [a, b] = [left.get(path), right.get(path)]
    if (FREE_FIELDS.includes(field)) continue
    if (MS_FIELDS.includes(field) && sameMs(a, b, msWithin)) continue
    if (field === 'hooks' && timedOut && sameValue(withoutRacing(a), withoutRacing(b))) continue
    if (!sameValue(a, b)) found.push({ path, recorded: a, ours: b })
  }
  return found
}

function sameMs(a: unknown, b: unknown, within: number): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return a === -1 || b === -1 ? a === b : Math.abs(a - b) <= within
}

function hasTimedOut(record: object): boolean {
  return 'events' in record && Array.isArray(record.events) && record.events.includes('TIMEOUT')
}

/** The hooks with the racing one at the end, so that its place is free and its number is not. */
function withoutRacing(hooks: unknown): unknown {
  if (!Array.isArray(hooks)) return hooks
  return [...hooks.filter((hook) => hook !== RACING_HOOK), ...hooks.filter((hook) => hook === RACING_HOOK)]
}

/** The values of a record by their path; lists count as values, objects as what they hold. */
function leavesOf(record: object, prefix = ''): Map<string, unknown> {
  const leaves = new Map<string, unknown>()
  for (const [name, value] of Object.entries(record)) {
    const path = prefix + name
    if (value === undefined) continue
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [inner, leaf] of leavesOf(value, `${path}.`)) leaves.set(inner, leaf)
    else leaves.set(path, value)
  }
  return leaves
}
