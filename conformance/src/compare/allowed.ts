// The list of differences that are meant. One reviewed data file, `conformance/differences.json`, holds them all with their reasons; the
// comparison asks it, and `docs/differences-from-hystrix.md` is written from it.

import { LINES } from '../scenario/scenario.ts'
import type { Line } from '../scenario/scenario.ts'
import { ObjectReader } from '../scenario/object-reader.ts'
import type { Faults } from '../scenario/object-reader.ts'
import { sameValue } from './difference.ts'
import type { Difference } from './difference.ts'

export interface AllowedDifference {
  readonly id: string
  readonly lines: readonly Line[]
  readonly title: string
  /** What Hystrix does. */
  readonly hystrix: string
  /** What we do. */
  readonly ours: string
  readonly reason: string
  /** Where it shows in traces; none when no recorded scenario shows it. */
  readonly cases: readonly AllowedCase[]
}

/** A place in a trace. Without a scenario it holds for every one. */
export interface AllowedCase {
  readonly scenario: string | undefined
  /** As in a `Difference`; `*` stands for any text without a dot. */
  readonly path: string
  /** What the recording must say there, and what ours must say; any value when the file does not tell. `null` in the file is a value, `"nothing"` in `absent` says that the member is missing. */
  readonly recorded: Expected
  readonly ours: Expected
}

type Expected =
  { readonly is: 'anything' } | { readonly is: 'value'; readonly value: unknown } | { readonly is: 'absent' }

/** Throws an `Error` with every fault of the file. */
export function readAllowed(text: string, file: string): readonly AllowedDifference[] {
  const faults: Faults = []
  const reader = new ObjectReader(JSON.parse(text), '', faults)
  const list = reader.listOf('differences', (item) => ({
    id: item.text('id'),
    lines: item.wordsOr('lines', LINES) ?? [],
    title: item.text('title'),
    hystrix: item.text('hystrix'),
    ours: item.text('ours'),
    reason: item.text('reason'),
    cases: item.listOf('cases', readCase),
  }))
  reader.finish()
  if (faults.length > 0) throw new Error(faults.map((fault) => `${file}: ${fault}`).join('\n'))
  return list
}

function readCase(item: ObjectReader): AllowedCase {
  const absent = item.wordsOr('absent', ['recorded', 'ours']) ?? []
  return {
    scenario: item.textOr('scenario', undefined),
    path: item.text('path'),
    recorded: absent.includes('recorded') ? { is: 'absent' } : expected(item, 'recorded'),
    ours: absent.includes('ours') ? { is: 'absent' } : expected(item, 'ours'),
  }
}

function expected(item: ObjectReader, name: string): Expected {
  return item.has(name) ? { is: 'value', value: item.any(name) } : { is: 'anything' }
}

/**
 * The entry that allows a difference. Entries of a named scenario hold only when `isOwnScenario`, that is when the replayed file says the same
 * as our copy: another scenario with the same name is not meant by them.
 */
export function allowanceFor(
  list: readonly AllowedDifference[],
  difference: Difference,
  { line, isOwnScenario }: { readonly line: Line; readonly isOwnScenario: boolean },
): AllowedDifference | undefined {
  return list.find(
    ({ lines, cases }) =>
      lines.includes(line) &&
      cases.some((one) => (one.scenario === undefined || isOwnScenario) && covers(one, difference)),
  )
}

/** Whether the case speaks of this difference. */
export function covers(one: AllowedCase, { scenario, path, recorded, ours }: Difference): boolean {
  return (
    (one.scenario === undefined || one.scenario === scenario) &&
    patternOf(one.path).test(path) &&
    isAs(one.recorded, recorded) &&
    isAs(one.ours, ours)
  )
}

function patternOf(path: string): RegExp {
  const literal = path.split('*').map((part) => part.replaceAll(/[.[\]()|{}^$+?\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('[^.]*')}$`)
}

function isAs(expected: Expected, value: unknown): boolean {
  switch (expected.is) {
    case 'anything':
      return true
    case 'absent':
      return value === undefined
    case 'value':
      return value !== undefined && sameValue(expected.value, value)
  }
}
