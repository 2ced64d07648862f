import '@breakwater/testing/vitest'
import { InvalidOptionsError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { decorrelated, linear } from '../backoff/backoff.js'
import { acquire, admits, end, setUp, setUpForTrial, TOUCHY } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import type { SavedBreaker } from './saved-breaker.js'
import { consecutiveFailures, countRate, errorRate } from './trip-rules.js'

/** Another process, `laterMs` after the saving by the wall clock, with a monotonic clock that began anew. */
function restart(
  saved: SavedBreaker,
  { laterMs = 0, ...options }: CircuitBreakerOptions & { laterMs?: number } = {},
): { clock: SimClock; breaker: CircuitBreaker } {
  const restore = JSON.parse(JSON.stringify(saved)) as SavedBreaker
  const clock = new SimClock({ startMs: 5, epochMs: saved.savedAt + laterMs })
  return { clock, breaker: new CircuitBreaker({ ...TOUCHY, clock, ...options, restore }) }
}

describe('save and restore', () => {
  it('gives plain JSON', () => {
    const { breaker, clock } = setUp()
    end(breaker, 'success', 'failure')

    const saved = breaker.save()

    expect(JSON.parse(JSON.stringify(saved))).toEqual(saved)
    expect(saved).toMatchObject({
      version: 1,
      savedAt: clock.epochNow(),
      state: 'open',
      openForMs: 1_000,
      trips: 1,
      lastOpenMs: 1_000,
      statistics: { consecutiveFailures: 1, window: { buckets: [{ successes: 1, failures: 1 }] } },
    })
  })

  it('goes on with the rest of the open time, less the time that went by', () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    const saved = breaker.save()

    const left = [0, 300, 999, 1_000, 60_000].map((laterMs) => restart(saved, { laterMs }).breaker.snapshot())

    expect(left.map(({ retryAfterMs }) => retryAfterMs)).toEqual([1_000, 700, 1, 0, 0])
    expect(new Set(left.map(({ state }) => state))).toEqual(new Set(['open']))
  })

  it('saves what is left of the open time, however old the breaker is', async () => {
    const { clock, breaker } = setUp()
    await clock.advance(60_000)
    end(breaker, 'failure')
    await clock.advance(400)

    expect(restart(breaker.save()).breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 600 })
  })

  it('saves the longest open time as no longer than that, at any moment', () => {
    const { clock, breaker } = setUp()
    for (let moment = 0; moment < 20; moment++) {
      clock.stall(0.1)
      breaker.openFor(2 ** 31 - 1)
      expect(restart(breaker.save()).breaker.snapshot().state).toBe('open')
    }
  })

  it('takes a wall clock that was set back for no time at all', () => {
    const { breaker } = setUp()
    end(breaker, 'failure')

    const { breaker: copy } = restart(breaker.save(), { laterMs: -3_600_000 })

    expect(copy.snapshot().retryAfterMs).toBe(1_000)
  })

  it('keeps the counts, as old as they are', async () => {
    const trip = errorRate({ percent: 50, volume: 4, windowMs: 10_000 })
    const { clock, breaker } = setUp({ trip })
    end(breaker, 'failure', 'failure')
    await clock.advance(4_000)
    end(breaker, 'failure')
    const saved = breaker.save()

    const soon = restart(saved, { trip, laterMs: 3_000 })
    const later = restart(saved, { trip, laterMs: 7_000 })
    expect([soon, later].map((copy) => copy.breaker.snapshot().failures)).toEqual([3, 1])

    end(soon.breaker, 'failure')
    end(later.breaker, 'failure')
    expect(soon.breaker).toBeOpen()
    expect(later.breaker).toBeClosed()
  })

  it('keeps the last calls and the failures in a row', () => {
    const trip = [consecutiveFailures(3), countRate({ percent: 60, size: 5, volume: 5 })]
    const { breaker } = setUp({ trip })
    end(breaker, 'failure', 'success', 'failure', 'failure')
    const saved = breaker.save()

    const inARow = restart(saved, { trip, laterMs: 60_000 }).breaker
    end(inARow, 'failure')
    expect(inARow).toBeOpen()

    const ofFive = restart(saved, { trip, laterMs: 60_000 }).breaker
    end(ofFive, 'success')
    expect(ofFive).toBeOpen()
  })

  it('keeps the step of the back-off', () => {
    const openMs = linear({ baseMs: 1_000, maxMs: 9_000 })
    const { clock, breaker } = setUp({ openMs })
    end(breaker, 'failure')
    clock.stall(1_000)
    end(breaker, 'failure')

    const copy = restart(breaker.save(), { openMs, laterMs: 2_000 }).breaker
    end(copy, 'failure')

    expect(copy.snapshot().retryAfterMs).toBe(3_000)
  })

  it('keeps the delay before, which some back-offs go by', () => {
    const openMs = decorrelated({ baseMs: 100, maxMs: 1_000_000 })
    const random = { next: (): number => 0.999 }
    const { clock, breaker } = setUp({ openMs, random })
    for (let trips = 0; trips < 3; trips++) {
      end(breaker, 'failure')
      clock.stall(breaker.snapshot().retryAfterMs)
    }

    const copy = restart(breaker.save(), { openMs, random, laterMs: 60_000 }).breaker
    end(copy, 'failure')
    end(breaker, 'failure')

    expect(copy.snapshot().retryAfterMs).toBeCloseTo(breaker.snapshot().retryAfterMs, 6)
    expect(copy.snapshot().retryAfterMs).toBeGreaterThan(1_000)
  })

  it('turns trials under way into an open time that is over', () => {
    const { breaker } = setUpForTrial()
    acquire(breaker)

    const { breaker: copy } = restart(breaker.save())

    expect(copy.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 0 })
    expect(admits(copy)).toBe(true)
    expect(copy).toBeHalfOpen()
  })

  it('keeps every state that is held', () => {
    for (const command of ['forceOpen', 'forceClosed', 'disable', 'observeOnly'] as const) {
      const { breaker } = setUp()
      breaker[command]()

      expect(restart(breaker.save(), { laterMs: 1e9 }).breaker.state).toBe(breaker.state)
    }
  })

  it('leaves the first breaker as it is', () => {
    const { breaker } = setUp()
    end(breaker, 'success')
    const before = breaker.snapshot()

    breaker.save()

    expect(breaker.snapshot()).toEqual(before)
  })

  it('starts from what is restored once, not again at every update', () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    const { breaker: copy } = restart(breaker.save())
    copy.reset()

    copy.update({ openMs: 7 })

    expect(copy.snapshot()).toMatchObject({ state: 'closed', failures: 0 })
  })
})

describe('restore', () => {
  const saved = ((): SavedBreaker => {
    const { breaker } = setUp({ trip: [consecutiveFailures(1), countRate()] })
    end(breaker, 'success', 'failure')
    return breaker.save()
  })()
  const { statistics } = saved
  const broken: [string, unknown][] = [
    ['nothing', null],
    ['a text', JSON.stringify(saved)],
    ['an empty object', {}],
    ['another version', { ...saved, version: 2 }],
    ['no time of saving', { ...saved, savedAt: undefined }],
    ['a time of saving that is none', { ...saved, savedAt: NaN }],
    ['an unknown state', { ...saved, state: 'ajar' }],
    ['an inherited state', { ...saved, state: 'toString' }],
    ['a negative open time', { ...saved, openForMs: -1 }],
    ['an open time without end', { ...saved, openForMs: Infinity }],
    ['an open time longer than any', { ...saved, openForMs: 2 ** 31 }],
    ['half a trip', { ...saved, trips: 0.5 }],
    ['an open time before that is none', { ...saved, lastOpenMs: '5' }],
    ['no statistics', { ...saved, statistics: null }],
    ['no window', { ...saved, statistics: { ...statistics, window: undefined } }],
    ['a negative count', { ...saved, statistics: { ...statistics, consecutiveFailures: -1 } }],
    ['unknown letters', { ...saved, statistics: { ...statistics, counted: { outcomes: 'sfx' } } }],
    ['a gap among buckets', { ...saved, statistics: { ...statistics, window: { buckets: new Array(1) } } }],
    [
      'a bucket without counts',
      { ...saved, statistics: { ...statistics, window: { buckets: [{ ageMs: 1, failures: 1 }] } } },
    ],
  ]

  it.each(broken)('refuses %s', (_, restore) => {
    const create = (): CircuitBreaker => new CircuitBreaker({ restore: restore as SavedBreaker })

    expect(create).toThrow(InvalidOptionsError)
    expect(create).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path: 'restore' })] }),
    )
  })

  it('takes what save() gave, also in its text form', () => {
    for (const restore of [saved, JSON.parse(JSON.stringify(saved)) as SavedBreaker]) {
      expect(new CircuitBreaker({ restore }).state).toBe('open')
    }
  })
})
