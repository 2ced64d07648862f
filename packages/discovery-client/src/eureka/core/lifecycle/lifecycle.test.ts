import { seededRandom } from '@breakwater/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextDirtyStamp } from './dirty-stamp.js'
import {
  afterDeltaApplied,
  beginFetch,
  FIRST_FETCH,
  finishFetch,
  forceFull,
  isCurrent,
} from './fetch-plan.js'
import { routeOfStatus, statusAfterCheck } from './health.js'
import { periodMs, registrationDelayMs, retryDelayMs } from './schedule.js'
import { afterSending, fullBucket, onDemandLimit, takeToken } from './token-bucket.js'

const DELTAS = { disableDelta: false, logDeltaDiff: false, singleVip: undefined }
const KNOWN = { hasApplications: true }

describe('dirty stamps', () => {
  it('E9: grow with every change, whatever the wall clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 41 })), (clocks) => {
        let last: number | undefined
        for (const clock of clocks) {
          const next = nextDirtyStamp(last, clock + 0.5)
          expect(next).toBeGreaterThan(last ?? -1)
          expect(next).toBeGreaterThanOrEqual(clock)
          expect(Number.isInteger(next)).toBe(true)
          last = next
        }
      }),
    )
  })
})

describe('what to fetch', () => {
  const kindAfter = (
    state = FIRST_FETCH,
    known = KNOWN,
    options: Parameters<typeof beginFetch>[2] = DELTAS,
  ) => beginFetch(state, known, options).ticket.kind
  const { state, ticket } = beginFetch(FIRST_FETCH, { hasApplications: false }, DELTAS)
  const after = finishFetch(state, ticket, false)

  it('is everything first, then what changed', () => {
    expect([ticket.kind, kindAfter(after)]).toEqual(['full', 'delta'])
  })

  it('is everything again without deltas, without applications, or when told so', () => {
    expect(kindAfter(after, { hasApplications: false })).toBe('full')
    expect(kindAfter(after, KNOWN, { ...DELTAS, disableDelta: true })).toBe('full')
    expect(kindAfter(forceFull(after))).toBe('full')
    expect(kindAfter(finishFetch(state, ticket, true))).toBe('full')
    expect(forceFull(FIRST_FETCH)).toBe(FIRST_FETCH)
  })

  it('is always the one VIP that is wanted', () => {
    expect(kindAfter(after, KNOWN, { ...DELTAS, singleVip: 'v' })).toBe('vip')
  })

  it('follows from whether a delta has led to what the server has, and is to be compared', () => {
    expect(afterDeltaApplied({ isConsistent: true }, DELTAS)).toBe('done')
    expect(afterDeltaApplied({ isConsistent: false }, DELTAS)).toBe('full-now')
    expect(afterDeltaApplied({ isConsistent: true }, { ...DELTAS, logDeltaDiff: true })).toBe('full-now')
  })

  it('E3: an answer overtaken by a later one is not used, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }), (order) => {
        let now = FIRST_FETCH
        const tickets = order.map((place) => {
          const begun = beginFetch(now, KNOWN, DELTAS)
          now = begun.state
          return { ticket: begun.ticket, place }
        })
        let newest = 0
        for (const { ticket: arrived } of tickets.sort((a, b) => a.place - b.place)) {
          expect(isCurrent(now, arrived)).toBe(arrived.number > newest)
          if (!isCurrent(now, arrived)) continue
          now = finishFetch(now, arrived, false)
          newest = arrived.number
        }
        expect(newest).toBe(order.length)
      }),
    )
  })
})

describe('waits', () => {
  it('are spread by a tenth when all is well, and grow to the interval when not', () => {
    const extremes = (wait: (random: { next: () => number }) => number): number[] =>
      [0, 1 - Number.EPSILON].map((chance) => Math.round(wait({ next: () => chance })))

    expect(extremes((random) => periodMs(1_000, random))).toEqual([900, 1_100])
    expect(extremes((random) => retryDelayMs(1_000, 1, random))).toEqual([125, 250])
    expect(extremes((random) => retryDelayMs(1_000, 2, random))).toEqual([250, 500])
    expect(extremes((random) => retryDelayMs(1_000, 3, random))).toEqual([500, 1_000])
    expect(extremes((random) => retryDelayMs(1_000, 2_000, random))).toEqual([500, 1_000])
    expect(periodMs(1_000, seededRandom(1))).not.toBe(periodMs(1_000, seededRandom(2)))
  })

  it('after a registration are the longest when it was refused, and as long as the server asks for when it failed', () => {
    const waits = { renewalIntervalMs: 1_000, backOffBound: 10 }
    const random = { next: () => 0 }
    const after = (retryAfterMs?: number): number =>
      registrationDelayMs({ isRefused: false, retryAfterMs }, 2, waits, random)

    expect(registrationDelayMs({ isRefused: true, retryAfterMs: 1 }, 1, waits, random)).toBe(9_000)
    expect([after(), after(100), after(7_000), after(60_000)]).toEqual([250, 250, 7_000, 10_000])
  })
})

describe('tokens', () => {
  it('come at twice the pace of replication, two can be saved, and the wait for the next is known', () => {
    const limit = onDemandLimit(30_000)
    const first = takeToken(fullBucket(limit, 0), limit, 0)
    const second = takeToken(first.bucket, limit, 0)
    const third = takeToken(second.bucket, limit, 5_000)

    expect([first.isGranted, second.isGranted, third.isGranted]).toEqual([true, true, false])
    expect(third.isGranted ? 0 : third.waitMs).toBeCloseTo(10_000)
    expect(takeToken(third.bucket, limit, 15_001).isGranted).toBe(true)
    expect(takeToken(third.bucket, limit, 1_000_000).bucket.tokens).toBe(1)
    expect(takeToken(third.bucket, limit, 0).isGranted).toBe(false)
  })

  it('are taken by whoever waited for one, once, and by nobody else', () => {
    const limit = onDemandLimit(30_000)
    const empty = { tokens: 0, at: 0, isAwaited: false }
    const awaited = takeToken(empty, limit, 0).bucket

    const sent = afterSending(awaited, limit, 16_500)
    expect(sent.tokens).toBeCloseTo(0.1)
    expect(afterSending(sent, limit, 16_500)).toBe(sent)
    expect(afterSending(empty, limit, 16_500)).toBe(empty)
    expect(afterSending(awaited, limit, 14_999.999).tokens).toBe(0)
  })
})

describe('status', () => {
  it('follows the health check; a throw is DOWN, nothing and nonsense change nothing', () => {
    expect(statusAfterCheck('UP', { kind: 'answered', status: 'DOWN' })).toBe('DOWN')
    expect(statusAfterCheck('UP', { kind: 'failed' })).toBe('DOWN')
    for (const status of [null, undefined, 'up', 7]) {
      expect(statusAfterCheck('STARTING', { kind: 'answered', status })).toBe('STARTING')
    }
  })

  it('goes in and out of service by overrides, and is registered otherwise', () => {
    expect(routeOfStatus('OUT_OF_SERVICE', false)).toBe('override')
    expect(routeOfStatus('OUT_OF_SERVICE', true)).toBe('override')
    expect(routeOfStatus('UP', true)).toBe('remove-override')
    expect(routeOfStatus('DOWN', true)).toBe('remove-override')
    expect(routeOfStatus('UP', false)).toBe('register')
  })
})
