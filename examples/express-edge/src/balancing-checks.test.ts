import { expect, test } from 'vitest'
import { judgeBalancing } from './balancing-checks.ts'
import { callsOf, withBalanced, withTrouble } from './balancing.model.ts'
import type { Evidence } from './evidence.ts'
import { withAnswers } from './registry.model.ts'
import { goodRun, withCommand } from './summary.model.ts'
import { judge } from './summary.ts'

test('holds every promise for a run in which all went well', () => {
  expect(judgeBalancing(goodRun()).filter(({ held }) => held !== true)).toEqual([])
})

test('tells the shares before and after, and how many calls that were', () => {
  const [slow] = judgeBalancing(goodRun())

  expect(slow).toEqual({
    promise: 'users-2 is slow: 1.0 s later at most 15 % of the calls go there',
    seen: 'users-2 from 50 % to 9 % (10 calls)',
    held: true,
  })
})

test('judges no slowness of an instance while the service itself is as slow, and every other trouble', () => {
  const stalled = (kind: 'slow-instance' | 'failing-instance', id: string, maxMs: number): unknown => {
    const run = withTrouble(goodRun(), kind, callsOf(id, 300))
    const at = (run.troubles.find((each) => each.kind === kind)?.from ?? 0) + 2_000
    return judgeBalancing({ ...run, stalls: new Map([['edge', [{ at, maxMs }]]]) }).find(
      ({ held }) => held !== true,
    )?.held
  }

  expect(stalled('slow-instance', 'users-2', 60)).toBe('not tried')
  expect(stalled('slow-instance', 'users-2', 59)).toBe(false)
  expect(stalled('failing-instance', 'orders-2', 60)).toBe(false)
})

// Each entry spoils one thing, and names the only promises that may break because of it.
const spoiled: readonly (readonly [what: string, evidence: () => Evidence, broken: readonly RegExp[]])[] = [
  [
    'a slow instance that keeps a fifth',
    () => withTrouble(goodRun(), 'slow-instance', callsOf('users-2', 25)),
    [/users-2 is slow/],
  ],
  [
    'a failing instance that draws the calls',
    () => withTrouble(goodRun(), 'failing-instance', callsOf('orders-2', 300)),
    [/orders-2 answers with errors/],
  ],
  [
    'one instance of the lost zone that is still called',
    () => withTrouble(goodRun(), 'lost-zone', callsOf('prices-1', 40)),
    [/nobody in zone a answers/],
  ],
  [
    'nobody who is called at all',
    () =>
      withTrouble(goodRun(), 'slow-instance', (trouble) => {
        const [lead, from, noticed] = trouble.calls
        return { ...trouble, calls: [lead, from, noticed, noticed] }
      }),
    [/users-2 is slow/],
  ],
  [
    'failures while an instance fails',
    () => {
      const { timeline } = goodRun().tally.commands.orders
      return withCommand('orders', { timeline: withAnswers(timeline, 15_000, { failure: 5 }) })
    },
    [/meanwhile no more/],
  ],
  [
    'a trouble that was not played',
    () => ({ ...goodRun(), troubles: goodRun().troubles.filter(({ kind }) => kind !== 'lost-zone') }),
    [/nobody in zone a answers/, /meanwhile no more/, /of silence/],
  ],
  [
    'a balancer that missed answers',
    () => withBalanced(goodRun(), 'users', { successes: 799, failures: 180, calls: 1_000 }),
    [/balancer of users/],
  ],
  [
    'a balancer that counted answers that nobody had',
    () => withBalanced(goodRun(), 'users', { successes: 861, failures: 130, calls: 1_000 }),
    [/balancer of users/],
  ],
  [
    'a balancer without numbers',
    () => ({
      ...goodRun(),
      balanced: new Map([...goodRun().balanced].filter(([name]) => name !== 'prices')),
    }),
    [/balancer of prices/],
  ],
]

test.each(spoiled)('breaks the promise about %s', (_what, evidence, broken) => {
  const missed = judge(evidence())
    .filter(({ held }) => held !== true)
    .map(({ promise }) => promise)

  expect(missed.length).toBe(broken.length)
  for (const pattern of broken)
    expect(
      missed.some((promise) => pattern.test(promise)),
      String(pattern),
    ).toBe(true)
})
