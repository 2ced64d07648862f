/** Every recorded scenario in every line, on simulated time: what differs must be in the reviewed list, and the list holds nothing else. */
import { describe, expect, it } from 'vitest'
import { covers } from './compare/allowed.ts'
import { compareTraces } from './compare/compare-traces.ts'
import { renderDifference } from './compare/difference.ts'
import {
  allowedDifferences,
  jsonFilesOf,
  MORE,
  otherRecordingsOf,
  recordingsOf,
  scenarioAt,
  SCENARIOS,
} from './files.ts'
import { replay } from './replay/replay.ts'
import { compareOne } from './run-scenarios.ts'
import type { Verdict } from './run-scenarios.ts'
import { LINES } from './scenario/scenario.ts'
import type { Line } from './scenario/scenario.ts'

const allowed = allowedDifferences()
const names = jsonFilesOf(SCENARIOS)

/** Our own line is compared with each of the two versions. */
const foldersOf = (line: Line): readonly string[] => {
  const other = otherRecordingsOf(line)
  return [recordingsOf(line), ...(other === undefined ? [] : [other])]
}

describe.each(LINES)('%s', (line) => {
  const verdicts = new Map<string, Promise<readonly Verdict[]>>()
  const verdictsOn = (name: string): Promise<readonly Verdict[]> => {
    const known = verdicts.get(name)
    if (known !== undefined) return known
    const comparisons = foldersOf(line).map((traces) => ({ scenarios: SCENARIOS, traces, line, allowed }))
    const made = Promise.all(comparisons.map((comparison) => compareOne(comparison, name)))
    verdicts.set(name, made)
    return made
  }

  it.each(names)('%s is as recorded, but for differences that are meant', async (name) => {
    const differences = (await verdictsOn(name)).flatMap((verdict) => verdict.differences)

    const wrong = differences.filter(({ allowedBy }) => allowedBy === undefined)
    expect(wrong.map(({ difference }) => renderDifference(difference))).toEqual([])
  })

  it('shows every difference that the list says it has', async () => {
    const all = (await Promise.all(names.map(verdictsOn))).flat()
    const found = all.flatMap(({ differences }) => differences.map(({ difference }) => difference))

    const unseen = allowed
      .filter(({ lines }) => lines.includes(line))
      .flatMap(({ id, cases }) => cases.map((one) => ({ id, one })))
      .filter(({ one }) => one.scenario !== undefined && !found.some((difference) => covers(one, difference)))
    expect(unseen.map(({ id, one }) => `${id}: ${one.scenario} ${one.path}`)).toEqual([])
  })

  it('plays a scenario the same way every time, to the millisecond', async () => {
    const scenario = scenarioAt(`${SCENARIOS}/S10.json`)
    const [first, second] = [await replay(scenario, line), await replay(scenario, line)]

    expect(compareTraces(first.trace, second, { msWithin: 0 })).toEqual([])
    expect(first).toEqual(second)
  })
})

it('our own line is just as one of the two versions in 24 scenarios', async () => {
  const [traces, orTraces] = [recordingsOf('port'), otherRecordingsOf('port')]
  const comparison = { scenarios: SCENARIOS, traces, orTraces, line: 'port', allowed } as const
  const equal = await Promise.all(names.map((name) => compareOne(comparison, name)))

  expect(equal.filter(({ differences }) => differences.length === 0)).toHaveLength(24)
})

const more = jsonFilesOf(MORE.scenarios)

it.each(more)('1.5.18 did what %s was recorded to do, without any difference', async (name) => {
  const { differences } = await compareOne({ ...MORE, line: 'classic', allowed: [] }, name)

  expect(differences.map(({ difference }) => renderDifference(difference))).toEqual([])
})

it('keeps all 53 scenarios, and all others', () => {
  expect(more).toEqual(jsonFilesOf(MORE.traces))

  expect(names).toHaveLength(53)
})
