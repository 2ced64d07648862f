import '@breakwater/testing/vitest'
import { onInternalError, pipeline } from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { answering, DOWN, end, failing, hanging, setUp, times, transitionsOf } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import type { BreakerStats } from './core/trip-rule.js'
import { consecutiveFailures, countRate, errorRate, tripWhen } from './trip-rules.js'

/** How many failures in a row it takes, after so many successes. */
function failuresToOpen(trip: CircuitBreakerOptions['trip'], successes: number): number {
  const { breaker } = setUp({ trip })
  end(breaker, ...times(successes, 'success' as const))
  for (let failures = 1; failures < 1_000; failures++) {
    end(breaker, 'failure')
    if (breaker.state === 'open') return failures
  }
  return Infinity
}

describe('a trip rule', () => {
  it('errorRate: trips at its percentage once there are enough calls, both included', () => {
    const rule = errorRate({ percent: 25, volume: 8, windowMs: 10_000 })

    expect([0, 6, 7, 9].map((successes) => failuresToOpen(rule, successes))).toEqual([8, 2, 3, 3])
  })

  it('errorRate: a success may complete the volume', async () => {
    const { breaker } = setUp({ trip: errorRate({ percent: 50, volume: 4 }) })
    for (let call = 0; call < 2; call++) await breaker.outcome(failing)
    await breaker.execute(answering)
    expect(breaker).toBeClosed()

    await breaker.execute(answering)

    expect(breaker).toBeOpen()
  })

  it('errorRate: forgets what is older than its window, also after an idle time', async () => {
    const { clock, breaker } = setUp({ trip: errorRate({ percent: 50, volume: 4, windowMs: 1_000 }) })
    for (let call = 0; call < 3; call++) await breaker.outcome(failing)
    await clock.advance(1_000)

    await breaker.execute(answering)
    await breaker.outcome(failing)

    expect(breaker).toBeClosed()
    expect(breaker.snapshot()).toMatchObject({ successes: 1, failures: 1 })
  })

  it('errorRate: wants half of at least twenty calls when nothing is said', () => {
    expect([0, 10, 15].map((successes) => failuresToOpen(undefined, successes))).toEqual([20, 10, 15])
    expect(failuresToOpen(errorRate(), 15)).toBe(15)
  })

  it('countRate: looks at the last calls, whatever their time', () => {
    const { clock, breaker } = setUp({ trip: countRate({ percent: 50, size: 4, volume: 2 }) })
    end(breaker, 'success', 'success')
    for (const kind of ['success', 'success', 'failure', 'success', 'success', 'success'] as const) {
      clock.stall(100_000)
      end(breaker, kind)
      expect(breaker).toBeClosed()
    }

    end(breaker, 'failure', 'failure')

    expect(breaker).toBeOpen()
  })

  it('consecutiveFailures: a success begins the row anew, an ignored call does not', () => {
    const { breaker } = setUp({ trip: consecutiveFailures(3) })

    end(breaker, 'failure', 'failure', 'success', 'failure', 'ignored', 'failure', 'cancelled', 'rejected')
    expect(breaker).toBeClosed()
    end(breaker, 'failure')

    expect(breaker).toBeOpen()
  })

  it('tripWhen: is asked with the counts after each call that counts', async () => {
    const seen: BreakerStats[] = []
    const rule = tripWhen((stats) => {
      seen.push(stats)
      return stats.failures > 1
    })
    const { breaker } = setUp({ trip: rule })

    await breaker.execute(answering)
    end(breaker, 'ignored', 'failure', 'failure')

    expect(seen.map(({ total, failures }) => [total, failures])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ])
    expect(breaker).toBeOpen()
  })

  it('tripWhen: one that throws does not trip, and is reported', async () => {
    const reports: unknown[] = []
    const unsubscribe = onInternalError((error, where) => reports.push([error, where]))
    const { breaker } = setUp({
      trip: tripWhen(() => {
        throw DOWN
      }),
    })

    expect(await breaker.execute(answering)).toBe('up')

    unsubscribe()
    expect(breaker).toBeClosed()
    expect(reports).toEqual([[DOWN, 'tripWhen']])
  })

  it('is one of several: the first that is fulfilled trips, and is named', () => {
    const { breaker } = setUp({ trip: [errorRate({ volume: 100 }), consecutiveFailures(2), countRate()] })
    const transitions = transitionsOf(breaker)

    end(breaker, 'failure', 'failure')

    expect(transitions[0]).toMatchObject({
      to: 'open',
      reason: 'consecutive-failures',
      counts: { failures: 2 },
    })
  })
})

describe('what counts', () => {
  it('are failures and timeouts; not what is refused, cancelled or ignored', () => {
    const { breaker } = setUp({ trip: errorRate() })

    end(breaker, 'success', 'failure', 'timeout', 'rejected', 'cancelled', 'ignored')

    expect(breaker.snapshot()).toMatchObject({ successes: 1, failures: 2 })
  })

  it('is not a call that its caller aborted, nor its late answer', async () => {
    const { clock, breaker } = setUp()
    const caller = new AbortController()
    const outcome = breaker.outcome(() => new Promise((_, reject) => clock.io(50, () => reject(DOWN))), {
      signal: caller.signal,
    })

    caller.abort(new Error('tab closed'))
    await clock.advance(50)

    expect(await outcome).toHaveOutcome('cancelled')
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', total: 0 })
  })

  it('is a timed-out call once, whatever its work does later', async () => {
    const { clock, breaker } = setUp({ trip: errorRate() })
    const slow = pipeline(breaker, new Timeout({ timeoutMs: 100, clock }))
    const outcome = slow.outcome(() => new Promise((resolve) => clock.io(150, () => resolve('late'))))

    await clock.advance(150)

    expect(await outcome).toHaveOutcome('timeout')
    expect(breaker.snapshot()).toMatchObject({ successes: 0, failures: 1 })
  })

  it('is what classify says: results may be failures, errors successes or nothing', async () => {
    const { breaker } = setUp({
      trip: errorRate(),
      classify: (outcome) => {
        if (outcome.kind === 'success') return outcome.value === 503 ? 'failure' : 'success'
        return outcome.error === DOWN ? 'success' : 'ignored'
      },
    })

    expect(await breaker.execute(() => 503)).toBe(503)
    expect(await breaker.outcome(failing)).toEqual({ kind: 'failure', error: DOWN })
    expect(await breaker.outcome(() => Promise.reject(new Error('404')))).toHaveOutcome('ignored')
    await breaker.execute(() => Promise.resolve(200))

    expect(breaker.snapshot()).toMatchObject({ successes: 2, failures: 1 })
  })

  it('is not asked of classify for a call that was refused or cancelled', async () => {
    const asked: Outcome<unknown>['kind'][] = []
    const { clock, breaker } = setUp({
      classify: ({ kind }) => {
        asked.push(kind)
        return 'success'
      },
    })
    const timed = pipeline(breaker, new Timeout({ timeoutMs: 10, clock })).outcome(hanging)
    await clock.advance(10)
    await timed

    end(breaker, 'success', 'failure', 'rejected', 'cancelled', 'ignored')

    expect(asked).toEqual(['timeout', 'success', 'failure', 'ignored'])
  })

  it('is the usual when classify throws or answers something else, which is reported', async () => {
    const places: string[] = []
    const unsubscribe = onInternalError((_, where) => places.push(where))
    const answers = [
      () => {
        throw DOWN
      },
      () => 'bad' as 'failure',
    ]

    for (const classify of answers) {
      const { breaker } = setUp({ trip: errorRate(), classify })
      expect(await breaker.execute(answering)).toBe('up')
      expect(await breaker.outcome(failing)).toEqual({ kind: 'failure', error: DOWN })
      expect(breaker.snapshot()).toMatchObject({ successes: 1, failures: 1 })
    }

    unsubscribe()
    expect(places).toEqual(times(4, 'classify'))
  })

  it('is judged in a real process as well', async () => {
    const breaker = new CircuitBreaker({ trip: consecutiveFailures(2) })

    await breaker.outcome(failing)
    await breaker.execute(answering)
    await breaker.outcome(failing)
    expect(breaker).toBeClosed()
    await breaker.outcome(failing)

    expect(breaker).toBeOpen()
  })
})
