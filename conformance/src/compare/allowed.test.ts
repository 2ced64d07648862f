import { describe, expect, it } from 'vitest'
import { allowanceFor, readAllowed } from './allowed.ts'
import type { Difference } from './difference.ts'

const texts = { id: 'x', title: 't', hystrix: 'h', ours: 'o', reason: 'r' }
const listOf = (...cases: object[]): ReturnType<typeof readAllowed> =>
  readAllowed(JSON.stringify({ differences: [{ ...texts, lines: ['port'], cases }] }), 'differences.json')

const difference: Difference = { scenario: 'S20', path: 'execs.second.value', recorded: 'ok', ours: 'fb' }
const isAllowed = (entry: object, by: Difference = difference, own = true): boolean =>
  allowanceFor(listOf(entry), by, { line: 'port', isOwnScenario: own }) !== undefined

describe('an entry allows', () => {
  it('the place that it names, with the values that it names', () => {
    expect(isAllowed({ scenario: 'S20', path: 'execs.second.value', recorded: 'ok', ours: 'fb' })).toBe(true)
    expect(isAllowed({ scenario: 'S20', path: 'execs.second.value' })).toBe(true)
  })

  it('any name in the place of a star, in any scenario when it names none', () => {
    expect(isAllowed({ path: 'execs.*.value', ours: 'fb' })).toBe(true)
    expect(isAllowed({ path: 'execs.*' })).toBe(false)
  })

  it('a member that is missing on one side', () => {
    const missing = { ...difference, recorded: undefined }

    expect(isAllowed({ path: 'execs.*.value', absent: ['recorded'] }, missing)).toBe(true)
    expect(isAllowed({ path: 'execs.*.value', absent: ['ours'] }, missing)).toBe(false)
    expect(isAllowed({ path: 'execs.*.value', recorded: null }, missing)).toBe(false)
  })
})

describe('an entry does not allow', () => {
  it.each([
    ['another scenario', { scenario: 'S21', path: 'execs.second.value' }],
    ['another place', { scenario: 'S20', path: 'execs.second.values' }],
    ['another value of ours', { scenario: 'S20', path: 'execs.second.value', ours: 'ok' }],
    ['another recorded value', { scenario: 'S20', path: 'execs.second.value', recorded: 'fb' }],
    ['a place that a dot in it would match as a pattern', { scenario: 'S20', path: 'execs.second.valu.' }],
  ])('%s', (_, entry) => {
    expect(isAllowed(entry)).toBe(false)
  })

  it('another line', () => {
    const list = listOf({ path: 'execs.*.value' })

    expect(allowanceFor(list, difference, { line: 'classic', isOwnScenario: true })).toBeUndefined()
  })

  it('a scenario of the same name that says something else', () => {
    expect(isAllowed({ scenario: 'S20', path: 'execs.second.value' }, difference, false)).toBe(false)
    expect(isAllowed({ path: 'execs.*.value' }, difference, false)).toBe(true)
  })
})

it('refuses a list that is not written as it should be', () => {
  const text = JSON.stringify({
    differences: [{ ...texts, lines: ['ours'], cases: [{ path: 'x', value: 1 }] }],
  })

  expect(() => readAllowed(text, 'differences.json')).toThrow(
    /differences.json: differences\[0\].lines\[0\]: expected[^]*cases\[0\].value: unknown word "value"/,
  )
})
