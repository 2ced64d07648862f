import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { acquire, DOWN, end, setUp, setUpForTrial, times } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { consecutiveFailures, errorRate, slowCalls } from './trip-rules.js'

const throwing = (): never => {
  throw DOWN
}
/** The first takes the short way for a breaker that admits everybody, the second has to ask for each call. */
const ways: CircuitBreakerOptions[] = [
  { trip: errorRate() },
  { trip: [errorRate(), slowCalls({ slowerThanMs: 100 })] },
]

describe('executeSync', () => {
  it('returns what the function returns, and throws what it throws', () => {
    for (const options of ways) {
      const { breaker } = setUp(options)

      expect(breaker.executeSync(() => 'up')).toBe('up')
      expect(() => breaker.executeSync(throwing)).toThrow(DOWN)

      expect(breaker.snapshot()).toMatchObject({ successes: 1, failures: 1 })
    }
  })

  it('throws a refusal without calling the function', () => {
    for (const open of [() => setUp(), () => setUpForTrial()]) {
      const { breaker } = open()
      if (breaker.state === 'closed') end(breaker, 'failure')
      else acquire(breaker)
      const rejected: unknown[] = []
      breaker.on('rejected', (event) => rejected.push(event))

      expect(() => breaker.executeSync(() => 'not called')).toThrow(
        expect.objectContaining({ code: 'ERR_CIRCUIT_OPEN' }),
      )

      expect(rejected).toHaveLength(1)
      expect(breaker.snapshot().rejections).toBe(1)
    }
  })

  it('is a trial like any other', () => {
    const failed = setUpForTrial()
    expect(() => failed.breaker.executeSync(throwing)).toThrow(DOWN)
    expect(failed.breaker).toBeOpen()

    const succeeded = setUpForTrial()
    expect(succeeded.breaker.executeSync(() => 'up')).toBe('up')
    expect(succeeded.breaker).toBeClosed()
  })

  it('shows the result and the error to classify, whatever the state', () => {
    const classify: CircuitBreakerOptions['classify'] = (outcome) =>
      outcome.kind === 'success' ? (outcome.value === 503 ? 'failure' : 'success') : 'ignored'
    for (const options of ways) {
      const { breaker } = setUp({ ...options, classify })

      expect(breaker.executeSync(() => 503)).toBe(503)
      expect(() => breaker.executeSync(throwing)).toThrow(DOWN)

      expect(breaker.snapshot()).toMatchObject({ successes: 0, failures: 1 })
    }
    const { breaker } = setUpForTrial({ classify })
    breaker.executeSync(() => 503)
    expect(breaker).toBeOpen()
  })

  it('says what it takes, to who gives it something else', () => {
    const { breaker } = setUp()

    expect(() => breaker.executeSync('work' as never)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('CircuitBreaker.executeSync') as string,
        issues: [{ path: 'fn', received: 'work', expected: 'a function' }],
      }),
    )
  })

  it('counts a function during which the breaker moved on as late', () => {
    const { breaker } = setUp()
    const late: string[] = []
    breaker.on('late', ({ kind }) => late.push(kind))

    breaker.executeSync(() => {
      breaker.forceClosed()
    })
    const closed = new CircuitBreaker({ trip: consecutiveFailures(1) })
    expect(() =>
      closed.executeSync(() => {
        closed.reset()
        throw DOWN
      }),
    ).toThrow(DOWN)

    expect(late).toEqual(['success'])
    expect(closed).toBeClosed()
  })

  it('forgets what is older than the window while nothing but synchronous calls come', () => {
    const { clock, breaker } = setUp({ trip: errorRate({ percent: 50, volume: 4, windowMs: 1_000 }) })
    for (const call of times(3, throwing)) expect(() => breaker.executeSync(call)).toThrow(DOWN)
    clock.stall(1_000)

    breaker.executeSync(() => 'up')

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', successes: 1, failures: 0 })
  })

  it('refuses what is no function, and blames no dependency for it', () => {
    const { breaker } = setUp()

    expect(() => breaker.executeSync('work' as unknown as () => void)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }),
    )

    expect(breaker.snapshot().total).toBe(0)
  })
})
