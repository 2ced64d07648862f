import { expect, test } from 'vitest'
import {
  goodRun,
  movedBy,
  noLoad,
  withCommand,
  withCounts,
  withExit,
  withFallbacks,
  withLateAnswers,
  withNumbers,
  withOpening,
  withoutChanges,
  withoutClosing,
  withoutNumbers,
  withoutReopening,
  withReopeningAfter,
  withTally,
} from './summary.model.ts'
import type { Evidence } from './evidence.ts'
import { judgeBalancing } from './balancing-checks.ts'
import { judgeDeadlines } from './deadline-checks.ts'
import { judgeRegistry } from './registry-checks.ts'
import { START } from './registry.model.ts'
import { judge } from './summary.ts'

test('holds every promise for a run in which all went well', () => {
  expect(judge(goodRun()).filter(({ held }) => held !== true)).toEqual([])
})

// Each entry spoils one thing, and names the only promises that may break because of it.
const spoiled: readonly (readonly [what: string, evidence: () => Evidence, broken: readonly RegExp[]])[] = [
  ['pages left out for lack of room', () => withTally({ skipped: 1 }), [/are asked for/]],
  ['far fewer pages than planned', () => ({ ...goodRun(), planned: 1_100 }), [/are asked for/]],
  [
    'no load at all',
    () => ({ ...noLoad() }),
    [
      /are asked for/,
      /answered with 200/,
      /comes within/,
      /recovers/,
      /counts for/,
      /register themselves/,
      /away and empty/,
      /OUT_OF_SERVICE/,
      /UP again/,
      /dies/,
      /meanwhile no more/,
      /counts the calls/,
      /is told how much/,
      /of silence/,
    ],
  ],
  [
    'an answer with another status',
    () => withTally({ statuses: { 200: 999, 503: 1 } }),
    [/answered with 200/],
  ],
  [
    'a request without an answer',
    () => withTally({ statuses: { 200: 999 }, lost: { ECONNRESET: 1 } }),
    [/answered with 200/],
  ],
  ['a request that was forgotten', () => withTally({ statuses: { 200: 999 } }), [/answered with 200/]],
  ['an answer that is no page', () => withTally({ malformed: 1 }), [/answered with 200/]],
  ['an answer after its time', () => withTally({ late: 1, latestByMs: 3 }), [/comes within/]],
  ['an answer later than the service stalled', () => withLateAnswers(1, 121), [/comes within/]],
  ['an answer late before the service stalled', () => withLateAnswers(1, 50, 1_000), [/comes within/]],
  ['an answer late after the service stalled', () => withLateAnswers(1, 50, 5_001), [/comes within/]],
  ['a service that stalls all the time', () => withLateAnswers(31, 50), [/comes within/]],
  [
    'a breaker that stays closed',
    () => withoutChanges('prices'),
    [/prices opens/, /prices recovers/, /counts for prices/],
  ],
  [
    'a breaker that opens only after the fault',
    () => movedBy('prices', 60_000),
    [/prices opens/, /no breaker opens/],
  ],
  ['a failed trial that is heard late', () => withReopeningAfter(800), [/a trial that fails/]],
  [
    'a half-open breaker that hears of no failed trial',
    () => withoutReopening(),
    [/a trial that fails/, /counts for users/],
  ],
  ['a breaker that is open at the end', () => withNumbers('users', { state: 'open' }), [/users recovers/]],
  ['a breaker that never closes', () => withoutClosing('users'), [/users recovers/]],
  [
    'fallbacks until the end',
    () => withCommand('users', { lastFallbackAt: START + 19_500 }),
    [/users recovers/],
  ],
  [
    'a breaker that opens without a fault',
    () => withOpening('orders', 5_000),
    [/no breaker opens/, /counts for orders/],
  ],
  ['an execution too many', () => withCounts('users', { success: 801 }), [/counts for users/]],
  [
    'a success that was a failure',
    () => withCounts('users', { success: 799, failure: 11 }),
    [/counts for users/],
  ],
  [
    'a failure that was a timeout',
    () => withCounts('users', { failure: 9, timeout: 61 }),
    [/counts for users/],
  ],
  [
    'a timeout that was a rejection',
    () => withCounts('users', { timeout: 59, short_circuited: 131 }),
    [/counts for users/],
  ],
  [
    'a retry that was not counted',
    () => withNumbers('users', { retries: { success: 2 } }),
    [/counts for users/],
  ],
  ['a cancelled call', () => withCounts('users', { success: 799, cancelled: 1 }), [/counts for users/]],
  ['a fallback that was not counted', () => withFallbacks({ success: 199 }), [/counts for users/]],
  ['a fallback that failed', () => withFallbacks({ success: 200, failure: 1 }), [/counts for users/]],
  [
    'an error that reached a caller',
    () => withNumbers('users', { exceptionsThrown: 1 }),
    [/counts for users/],
  ],
  [
    'an opening that was not counted',
    () => withNumbers('users', { transitions: { 'closed→open': 1 } }),
    [/counts for users/],
  ],
  ['a command without numbers', () => withoutNumbers('prices'), [/prices recovers/, /counts for prices/]],
  [
    'an unhandled rejection',
    () => ({ ...goodRun(), incidents: ['edge: unhandledRejection'] }),
    [/no unhandled/],
  ],
  ['a process that ended by itself', () => withExit(false), [/every process/]],
  ['processes that nobody saw end', () => ({ ...goodRun(), exits: [] }), [/every process/]],
]

test.each(spoiled)('breaks its promises, and no others, by %s', (_what, evidence, broken) => {
  const failed = judge(evidence()).filter(({ held }) => held !== true)

  for (const { promise } of failed)
    expect(
      broken.some((pattern) => pattern.test(promise)),
      promise,
    ).toBe(true)
  for (const pattern of broken)
    expect(
      failed.some(({ promise }) => pattern.test(promise)),
      String(pattern),
    ).toBe(true)
})

test('has no check that nothing can break', () => {
  const breakable = new Set(
    spoiled.flatMap(([, evidence]) =>
      judge(evidence()).flatMap(({ held }, index) => (held === true ? [] : [index])),
    ),
  )
  const kinds = judge(goodRun()).map(({ promise }, index) => ({ promise, breakable: breakable.has(index) }))

  // One fault, one command and one recovery stand for the others, which the same code checks.
  // The checks of the registry, of the balancers and of the deadlines are tested by themselves.
  const elsewhere = new Set(
    [judgeRegistry, judgeBalancing, judgeDeadlines].flatMap((judgeSome) =>
      judgeSome(goodRun()).map(({ promise }) => promise),
    ),
  )
  const samples = kinds.filter(
    ({ promise }) => !/(users|orders) opens|orders recovers/.test(promise) && !elsewhere.has(promise),
  )
  expect(samples.filter((kind) => !kind.breakable)).toEqual([])
})

test('says what was seen instead', () => {
  const checks = judge(withCounts('users', { success: 801 }))

  expect(checks.find(({ promise }) => promise.includes('counts for users'))?.seen).toBe(
    'executions 1001 ≠ 1000, success 801 ≠ 800',
  )
})

test('excuses few answers that were late because the service itself stalled', () => {
  const checks = judge(withLateAnswers(30, 120))

  expect(checks.filter(({ held }) => held !== true)).toEqual([])
  expect(checks.find(({ promise }) => promise.includes('comes within'))?.seen).toContain(
    'none late but 30 during stalls; loop stalls: edge 120 ms, load 0.0 ms',
  )
})

test('judges no trial while instances are being started again, one of which may be well', () => {
  const run = withoutReopening()
  const faults = run.faults.map((fault) => ({ ...fault, healsFrom: fault.from + 1_000 }))
  const trialsOf = (evidence: Evidence): unknown =>
    judge(evidence).find(({ promise }) => promise.startsWith('a trial that fails'))?.seen

  expect(trialsOf(run)).toBe('1 times half-open during a fault; users stayed so')
  expect(trialsOf({ ...run, faults })).toBe('0 times half-open during a fault; open again each time')
})

test('judges the registry too', () => {
  const without = { ...goodRun(), registry: { ...goodRun().registry, leftBehind: ['users-1'] } }

  expect(judge(without).filter(({ held }) => held === false)).toHaveLength(1)
})
