import { expect, test } from 'vitest'
import type { Evidence, RegistryEvidence } from './evidence.ts'
import { judgeRegistry } from './registry-checks.ts'
import {
  answeredBy,
  GONE_AT,
  goodRegistry,
  goodTimeline,
  START,
  withAnswers,
  withLateReturn,
  withoutEvent,
  withoutPictures,
} from './registry.model.ts'
import { goodRun, withCommand } from './summary.model.ts'
import type { CommandName } from './tally.ts'
import type { Timeline } from './timeline.ts'

test('holds every promise for a run in which all went well', () => {
  expect(judgeRegistry(goodRun()).filter(({ held }) => held !== true)).toEqual([])
})

// Each entry spoils one thing, and names the only promises that may break because of it.
const spoiled: readonly (readonly [what: string, evidence: () => Evidence, broken: readonly RegExp[]])[] = [
  [
    'an instance that is never called',
    () => changed('users', (calls) => answeredBy(calls, 'users-1', 0, Infinity)),
    [/register themselves/],
  ],
  [
    'failures while the registry is away',
    () => changed('users', (calls) => withAnswers(calls, 1_500, { failure: 3 })),
    [/away and empty/],
  ],
  [
    'rejections while the registry is empty',
    () => changed('orders', (calls) => withAnswers(calls, 2_500, { rejected: 3 })),
    [/away and empty/],
  ],
  [
    'a registry that was not restarted',
    () => registry(withoutEvent('registry-restart')),
    [/away and empty/, /back in it/],
  ],
  ['instances that come back late', () => registry(withLateReturn(6_100)), [/back in it/]],
  [
    'calls to an instance that is out of service',
    () => changed('orders', (calls) => answeredBy(calls, 'orders-2', 7_200, 7_400)),
    [/OUT_OF_SERVICE/],
  ],
  [
    'nobody who answers while one is out of service',
    () => changed('orders', (calls) => without(calls, 6_000, 8_000)),
    [/OUT_OF_SERVICE/],
  ],
  [
    'an instance that gets no calls any more',
    () => changed('orders', (calls) => answeredBy(calls, 'orders-1', 8_000, Infinity)),
    [/UP again/],
  ],
  [
    'an instance that gets calls again late',
    () => changed('orders', (calls) => answeredBy(calls, 'orders-1', 8_000, 12_500)),
    [/UP again/],
  ],
  [
    'a registry that shows no status',
    () => registry(withoutPictures(4_200, 4_200)),
    [/OUT_OF_SERVICE/, /UP again/],
  ],
  ['nobody who withdraws', () => registry(withoutEvent('out-of-service')), [/OUT_OF_SERVICE/, /UP again/]],
  [
    'failures for which nobody else answers',
    () => changed('prices', (calls) => withAnswers(calls, 10_000, { failure: 5 })),
    [/dies/],
  ],
  ['an instance whose death nobody noticed', () => registry({ metDead: 0 }), [/dies/]],
  ['an instance that is not evicted', () => registry(withoutPictures(GONE_AT, GONE_AT)), [/evicted/]],
  ['calls to an evicted instance', () => registry({ knocks: [START + GONE_AT + 2_501] }), [/evicted/]],
  ['nobody who dies', () => registry(withoutEvent('lost')), [/dies/, /evicted/]],
  ['somebody who is missing at the end', () => registry(withoutPictures(18_000)), [/after all that/]],
  ['somebody who is left behind', () => registry({ leftBehind: ['users-1'] }), [/takes its registration/]],
]

test.each(spoiled)('breaks its promises, and no others, by %s', (_what, evidence, broken) => {
  const failed = judgeRegistry(evidence()).filter(({ held }) => held !== true)

  expect(failed.map(({ held }) => held)).toEqual(broken.map(() => false))
  for (const [index, pattern] of broken.entries()) expect(failed[index]?.promise).toMatch(pattern)
})

test('has no check that nothing can break', () => {
  const breakable = new Set(
    spoiled.flatMap(([, evidence]) =>
      judgeRegistry(evidence()).flatMap(({ held }, index) => (held === false ? [index] : [])),
    ),
  )

  expect(breakable.size).toBe(judgeRegistry(goodRun()).length)
})

test('does not count what timed out on a machine with too much to do', () => {
  const checks = judgeRegistry(changed('prices', (calls) => withAnswers(calls, 10_000, { timeout: 9 })))

  expect(checks.every(({ held }) => held === true)).toBe(true)
  expect(checks.find(({ promise }) => promise.includes('dies'))?.seen).toContain('9 timed out')
})

test('says what was not tried on a registry that is not ours', () => {
  const checks = judgeRegistry(
    registry({ isOurs: false, events: withoutEvent('registry-restart').events ?? [] }),
  )

  const untried = checks.filter(({ held }) => held === 'not tried')
  expect(untried.map(({ seen }) => seen)).toEqual(Array(2).fill('not tried: the registry is not ours'))
  expect(checks.filter(({ held }) => held === true)).toHaveLength(checks.length - 2)
})

test('blames nobody when a registry that is not ours is slow to tell', () => {
  const checks = judgeRegistry(registry({ isOurs: false, ...withoutPictures(4_200, GONE_AT) }))

  expect(checks.filter(({ held }) => held === 'not tried')).toHaveLength(2 + 3)
  expect(checks.filter(({ held }) => held === false)).toEqual([])
})

test('says when nothing came back', () => {
  const seen = judgeRegistry(registry({ pictures: goodRegistry().pictures.slice(0, 3) })).map(
    (check) => check.seen,
  )

  expect(seen).toContain('not all came back')
  expect(seen).toContain('0 of 6')
})

function registry(spoiling: Partial<RegistryEvidence>): Evidence {
  return { ...goodRun(), registry: { ...goodRegistry(), ...spoiling } }
}

function changed(command: CommandName, change: (timeline: Timeline) => Timeline): Evidence {
  return withCommand(command, { timeline: change(goodTimeline(command)) })
}

function without(timeline: Timeline, fromMs: number, toMs: number): Timeline {
  return timeline.filter(({ at }) => at < START + fromMs || at >= START + toMs)
}
