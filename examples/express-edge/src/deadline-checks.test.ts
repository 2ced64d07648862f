import { expect, test } from 'vitest'
import type { Evidence } from './evidence.ts'
import { judgeDeadlines } from './deadline-checks.ts'
import { withLeft } from './registry.model.ts'
import { goodRun, noLoad, withCommand } from './summary.model.ts'
import type { Left } from './timeline.ts'

test('holds every promise for a run in which all went well, and says what was seen', () => {
  expect(judgeDeadlines(goodRun())).toMatchObject([
    { seen: 'of 1200 that answered 0 were told nothing, the others 205 ms to 400 ms', held: true },
    { seen: '9 second attempts, told 215 ms at most', held: true },
  ])
})

// Each entry spoils one thing, and names the only promise that may break because of it.
const spoiled: readonly (readonly [what: string, evidence: () => Evidence, broken: RegExp])[] = [
  ['an upstream that was told nothing', () => said('orders', 9_000, { untold: 1 }), /is told how much/],
  ['more time than there was', () => said('prices', 9_000, { most: 401 }), /is told how much/],
  ['a call without time', () => said('users', 9_000, { least: 0 }), /is told how much/],
  ['a second attempt with too much time', () => said('users', 5_000, { mostLater: 221 }), /of silence/],
  ['a zone that was never silent', () => ({ ...goodRun(), troubles: [] }), /of silence/],
]

test.each(spoiled)('breaks the promise about %s', (_what, evidence, broken) => {
  const missed = judgeDeadlines(evidence()).filter(({ held }) => held !== true)

  expect(missed.map(({ promise }) => promise)).toEqual([expect.stringMatching(broken)])
})

test('does not judge second attempts of other times, which others may have failed at once', () => {
  expect(judgeDeadlines(said('users', 9_000, { mostLater: 399 })).every(({ held }) => held)).toBe(true)
})

test('promises nothing of a run without load', () => {
  expect(judgeDeadlines(noLoad()).map(({ held }) => held)).toEqual([false, false])
})

function said(command: 'users' | 'orders' | 'prices', afterMs: number, left: Partial<Left>): Evidence {
  const { timeline } = goodRun().tally.commands[command]
  return withCommand(command, { timeline: withLeft(timeline, afterMs, left) })
}
