/**
 * Every order of the few steps that up to three actors take on a half-open breaker: trials that come, and end in each
 * way or never, and somebody who commands, or lets a lease or an open time pass. Whatever the order, and however many
 * microtasks apart, only that comes out which the contract allows.
 */
import { microtaskSteps } from '@breakwater/testing'
import type { OutcomeKind } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { gapLists, merges, pairs } from '../interleavings.model.js'
import { ByHand, InPipeline } from './half-open-breaker.model.js'
import type { HalfOpenBreaker } from './half-open-breaker.model.js'
import { allowedBy, LEASE_MS, OPEN_MS } from './half-open-contract.model.js'
import type { Scene, Step, Who } from './half-open-contract.model.js'

type Way = OutcomeKind | 'never'
const LEASE_OVER = `pass ${LEASE_MS}` as const
const OPEN_OVER = `pass ${OPEN_MS}` as const
const TIMEOUT_MS = 100
const TIME_OVER = `pass ${TIMEOUT_MS}` as const
const GAPS = [0, 1, 2, 3, 4]
/** Enough microtasks for all that is under way to be heard. */
const QUIET = 12
const SLOW_MS = 60_000

/** Where A and B do the same, the other half would be the same again. */
const unordered = <T>(values: readonly T[]): readonly (readonly [T, T])[] =>
  values.flatMap((one, index) => values.slice(index).map((other) => [one, other] as const))

function sceneOf([a, b]: readonly [Way, Way], limit: number): Scene {
  const kind = (way: Way): OutcomeKind => (way === 'never' ? 'ignored' : way)
  return { limit, ways: { A: kind(a), B: kind(b), C: 'success' } }
}

const answersIn =
  ({ ways }: Scene) =>
  (who: Who): boolean =>
    ways[who] === 'success' || ways[who] === 'failure'

class Findings {
  played = 0
  /** The first few. */
  readonly wrong: string[] = []

  add(breaker: HalfOpenBreaker, allowed: ReadonlySet<string>, what: readonly unknown[]): void {
    this.played++
    const result = breaker.result()
    breaker.checkLife()
    const faults = [...breaker.faults]
    if (!allowed.has(result))
      faults.push(`seen:    ${result}`, ...[...allowed].map((one) => `allowed: ${one}`))
    if (faults.length > 0 && this.wrong.length < 3)
      this.wrong.push([...what.map(String), ...faults].join('\n'))
  }
}

/** The gap before a step is counted in microtasks; 0: in the same breath. */
async function play(
  breaker: HalfOpenBreaker,
  order: readonly Step[],
  gapOf: (index: number) => number,
): Promise<void> {
  for (const [index, step] of order.entries()) {
    const gap = gapOf(index)
    if (gap > 0) await microtaskSteps(gap - 1)
    if (step === TIME_OVER) await breaker.clock.advance(TIMEOUT_MS)
    else breaker.apply(step)
  }
  await microtaskSteps(QUIET)
}

describe('a half-open breaker', () => {
  const steps = (who: Who, way: Way, endsTwice: boolean): Step[] => {
    if (way === 'never') return [`${who} comes`]
    const once: Step[] = [`${who} comes`, `${who} ends`]
    return endsTwice ? [...once, `${who} ends again`] : once
  }

  it.each<[string, { limit: number; orders: number; third: readonly Step[] }]>([
    ['is forced open and released', { limit: 2, orders: 5_852, third: ['force open', 'release'] }],
    ['is forced closed and released', { limit: 2, orders: 5_852, third: ['force closed', 'release'] }],
    ['is reset, and reset again', { limit: 1, orders: 5_852, third: ['reset', 'reset'] }],
    ['loses a lease by a hair', { limit: 1, orders: 5_852, third: [`pass ${LEASE_MS - 1}`, 'pass 1'] }],
    [
      'gives the leases that are over to a third',
      { limit: 2, orders: 17_380, third: [LEASE_OVER, 'C comes', 'C ends'] },
    ],
    [
      'gives the one lease to a third, and an open time passes',
      { limit: 1, orders: 4_650, third: [LEASE_OVER, 'C comes', 'C ends', OPEN_OVER] },
    ],
    [
      'is opened for a time that passes, and a third comes',
      { limit: 1, orders: 4_650, third: ['open for 1000', OPEN_OVER, 'C comes', 'C ends'] },
    ],
    [
      'is forced open for a lease, released, and its time passes',
      { limit: 2, orders: 4_650, third: ['force open', LEASE_OVER, 'release', OPEN_OVER] },
    ],
  ])(
    'B1 B3 B4 B5 B6: keeps its contract in every order when it %s',
    (_name, { limit, orders, third }) => {
      const found = new Findings()
      for (const pair of unordered<Way>(['success', 'failure', 'timeout', 'cancelled', 'never'])) {
        const scene = sceneOf(pair, limit)
        const endsTwice = third.length < 4
        for (const order of merges([steps('A', pair[0], endsTwice), steps('B', pair[1], endsTwice), third])) {
          const breaker = new ByHand(scene)
          for (const step of order) breaker.apply(step)
          found.add(breaker, allowedBy(order, scene), [order])
        }
      }

      expect(found.wrong).toEqual([])
      expect(found.played).toBe(orders)
    },
    SLOW_MS,
  )
})

describe('trials of a half-open breaker that end between two microtasks', () => {
  const WAYS: readonly Way[] = ['success', 'failure', 'cancelled', 'never']
  const endOf = (who: Who, way: Way): Step[] => (way === 'never' ? [] : [`${who} ends`])

  async function playAll(
    found: Findings,
    scene: Scene,
    first: readonly Step[],
    actors: Step[][],
  ): Promise<void> {
    for (const merged of merges(actors)) {
      const order = [...first, ...merged]
      const allowed = allowedBy(order, scene, answersIn(scene))
      for (const gaps of gapLists(merged.length - 1, GAPS)) {
        const breaker = new InPipeline(scene)
        // The first step has nothing under way before it.
        await play(breaker, order, (index) => gaps[index - first.length - 1] ?? 0)
        found.add(breaker, allowed, [order, gaps])
      }
    }
  }

  it.each<[string, number, Step[]]>([
    ['is asked by a third, which answers', 9_230, ['C comes', 'C ends']],
    ['is forced open and released', 9_230, ['force open', 'release']],
    ['is forced closed and released', 9_230, ['force closed', 'release']],
    ['is reset', 931, ['reset']],
    ['is opened for a time that passes', 9_230, ['open for 1000', OPEN_OVER]],
    ['gives the leases that are over to a third', 9_230, [LEASE_OVER, 'C comes']],
  ])(
    'B1 B3 B4 B5 B6: are heard in time or not at all when it %s',
    async (_name, orders, third) => {
      const found = new Findings()
      for (const pair of unordered(WAYS)) {
        const actors = [endOf('A', pair[0]), endOf('B', pair[1]), third]
        await playAll(found, sceneOf(pair, 2), ['A comes', 'B comes'], actors)
      }

      expect(found.wrong).toEqual([])
      expect(found.played).toBe(orders)
    },
    SLOW_MS,
  )

  it.each<[string, Step]>([
    ['forced open', 'force open'],
    ['reset', 'reset'],
    ['opened for a time', 'open for 1000'],
    ['waited for until the lease is over', LEASE_OVER],
  ])(
    'B1 B3 B4 B5 B6: hand their slot to the next one, or to none, when it is %s',
    async (_name, third) => {
      const found = new Findings()
      for (const pair of pairs(WAYS, WAYS)) {
        const actors: Step[][] = [endOf('A', pair[0]), ['B comes', ...endOf('B', pair[1])], [third]]
        await playAll(found, sceneOf(pair, 1), ['A comes'], actors)
      }

      expect(found.wrong).toEqual([])
      expect(found.played).toBe(14_185)
    },
    SLOW_MS,
  )
})

describe('trials of a half-open breaker that time out', () => {
  it.each<[string, number, Step[]]>([
    ['nothing else happens', 105, []],
    ['it is reset', 510, ['reset']],
    ['it is forced open', 510, ['force open']],
    ['it is forced closed and released', 1_500, ['force closed', 'release']],
    ['it is opened for a time', 510, ['open for 1000']],
    ['a third comes', 1_500, ['C comes', 'C ends']],
  ])(
    'B1 B3 B4 B5 B6: open it again, unless they are late, when %s',
    async (_name, orders, third) => {
      const found = new Findings()
      for (const way of ['success', 'failure', 'cancelled', 'never'] as const) {
        const scene = { ...sceneOf(['never', way], 2), timeoutMs: TIMEOUT_MS }
        const b: Step[] = way === 'never' ? ['B comes'] : ['B comes', 'B ends']
        for (const order of merges<Step>([['A comes', TIME_OVER], b, third])) {
          const allowed = allowedBy(order, scene, answersIn(scene))
          for (const gap of GAPS) {
            const breaker = new InPipeline(scene)
            await play(breaker, order, () => gap)
            found.add(breaker, allowed, [order, gap])
          }
        }
      }

      expect(found.wrong).toEqual([])
      expect(found.played).toBe(orders)
    },
    SLOW_MS,
  )
})
