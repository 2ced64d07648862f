import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import {
  acquire,
  admits,
  answering,
  end,
  failing,
  setUp,
  setUpForTrial,
  transitionsOf,
} from './breaker-steps.model.js'
import { consecutiveFailures, errorRate, tripWhen } from './trip-rules.js'

const HALF_OF_TWO = errorRate({ percent: 50, volume: 2, windowMs: 10_000 })

describe('commands', () => {
  it('forceOpen refuses everybody, for as long as it is held', async () => {
    const { clock, breaker } = setUp()
    const transitions = transitionsOf(breaker)

    breaker.forceOpen('maintenance')
    await clock.advance(1e9)

    expect(breaker).toHaveState('forced-open')
    expect(admits(breaker)).toBe(false)
    await expect(breaker.execute(answering)).toRejectWithCode('ERR_CIRCUIT_OPEN')
    expect(breaker.snapshot().retryAfterMs).toBe(Infinity)
    expect(transitions[0]?.reason).toBe('maintenance')
  })

  it('forceClosed and observeOnly admit and count, and never trip', async () => {
    for (const command of ['forceClosed', 'observeOnly'] as const) {
      const { breaker } = setUp()
      breaker[command]()

      for (let call = 0; call < 5; call++) await breaker.outcome(failing)

      expect(breaker).toHaveState(command === 'forceClosed' ? 'forced-closed' : 'metrics-only')
      expect(breaker.snapshot()).toMatchObject({ failures: 5, rejections: 0 })
    }
  })

  it('disable admits and counts nothing', async () => {
    const { breaker } = setUp()
    breaker.disable()

    for (let call = 0; call < 5; call++) await breaker.outcome(failing)
    await breaker.execute(answering)

    expect(breaker).toHaveState('disabled')
    expect(breaker.snapshot()).toMatchObject({ total: 0, consecutiveFailures: 0 })
  })

  it('forceOpen wins over forceClosed, in either order', () => {
    const { breaker } = setUp()

    breaker.forceOpen()
    breaker.forceClosed()
    expect(breaker).toHaveState('forced-open')

    breaker.release()
    breaker.forceClosed()
    breaker.forceOpen()
    expect(breaker).toHaveState('forced-open')
  })

  it('release goes by what the window holds, not by the state before', async () => {
    const { clock, breaker } = setUp({ trip: HALF_OF_TWO })
    breaker.forceClosed()
    end(breaker, 'failure', 'failure')
    breaker.release()
    expect(breaker).toBeOpen()

    breaker.forceOpen()
    await clock.advance(10_000)
    breaker.release()
    expect(breaker).toBeClosed()
  })

  it('release does nothing while nothing is held', () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    const transitions = transitionsOf(breaker)

    breaker.release()

    expect(breaker).toBeOpen()
    expect(transitions).toEqual([])
  })

  it('openFor refuses for exactly so long, also when it is open already', async () => {
    const { clock, breaker } = setUp()

    breaker.openFor(3_000, 'the server said 503 with Retry-After')
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 3_000 })
    breaker.openFor(500)
    await clock.advance(499)
    expect(admits(breaker)).toBe(false)
    await clock.advance(1)
    expect(admits(breaker)).toBe(true)
  })

  it('openFor does nothing while a state is forced', () => {
    const { breaker } = setUp()
    breaker.forceClosed()

    breaker.openFor(3_000)

    expect(breaker).toHaveState('forced-closed')
  })

  it('openFor refuses what is no duration', () => {
    const { breaker } = setUp()

    for (const ms of [-1, NaN, Infinity, 2 ** 31, '5', undefined]) {
      expect(() => breaker.openFor(ms as number)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }),
      )
    }
    expect(breaker).toBeClosed()
  })
})

describe('reset', () => {
  it('closes with empty windows from any state', () => {
    for (const leave of ['forceOpen', 'forceClosed', 'disable', 'observeOnly', 'release'] as const) {
      const { breaker } = setUp()
      end(breaker, 'failure')
      breaker[leave]()

      breaker.reset()

      expect(breaker.snapshot()).toMatchObject({ state: 'closed', total: 0, consecutiveFailures: 0 })
      end(breaker, 'failure')
      expect(breaker).toBeOpen()
    }
  })

  it('lets a breaker that was closed trip as before', async () => {
    const { breaker } = setUp({ trip: HALF_OF_TWO })
    end(breaker, 'failure')

    breaker.reset()
    await breaker.outcome(failing)
    expect(breaker).toBeClosed()
    await breaker.outcome(failing)

    expect(breaker).toBeOpen()
  })

  it('drops the results of calls that began before it', () => {
    const { breaker } = setUp()
    const permit = acquire(breaker)

    breaker.reset()
    permit.settle('failure')

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('ends a half-open state', () => {
    const { breaker } = setUpForTrial()
    const trial = acquire(breaker)

    breaker.reset()
    trial.settle('failure')

    expect(breaker).toBeClosed()
    expect(admits(breaker)).toBe(true)
  })
})

describe('code of the user that moves the breaker while it is asked', () => {
  it('is a rule: its command stands when the breaker is released', () => {
    let asked = (): void => undefined
    const { breaker } = setUp({ trip: tripWhen(() => (asked(), false)) })
    breaker.forceClosed()
    asked = () => breaker.forceOpen('by the rule')

    breaker.release()

    expect(breaker).toHaveState('forced-open')
  })

  it('is a back-off: its command stands, and the breaker does not trip', () => {
    const openMs = { kind: 'mine', delayMs: () => (breaker.forceOpen('by the back-off'), 1_000) }
    const { breaker } = setUp({ trip: consecutiveFailures(1), openMs })
    const transitions = transitionsOf(breaker)

    end(breaker, 'failure')

    expect(breaker).toHaveState('forced-open')
    expect(transitions.map(({ to }) => to)).toEqual(['forced-open'])
  })
})
