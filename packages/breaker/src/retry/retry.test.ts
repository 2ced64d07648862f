import {
  BreakwaterError,
  BulkheadFullError,
  CircuitOpenError,
  guard,
  pipeline,
  RateLimitedError,
} from '@breakwater/kernel'
import { createScriptedDependency, seededRandom, SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { constant, decorrelated, exponential, linear } from '../backoff/backoff.js'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { Timeout } from '../timeout/timeout.js'
import { down, run } from './retry.model.js'
import { Retry } from './retry.js'
import type { RetryOptions } from './retry-options.js'

describe('a retry', () => {
  it('R1: tries twice more by default, and lets the last error through as it is', async () => {
    const errors = [down('1'), down('2'), down('3'), down('4')]

    const { outcome, attempts } = await run({}, ...errors)

    expect(attempts).toHaveLength(3)
    expect(outcome).toEqual({ kind: 'failure', error: errors[2] })
    expect(outcome.kind === 'failure' && outcome.error).toBe(errors[2])
  })

  it('stops at the first answer', async () => {
    const { outcome, attempts } = await run({ maxRetries: 5 }, down())

    expect(outcome).toEqual({ kind: 'success', value: 'attempt 2' })
    expect(attempts).toEqual([0, 10])
  })

  it('R1: with maxRetries 0 tries once', async () => {
    const { attempts, outcome } = await run({ maxRetries: 0 }, down())

    expect(attempts).toHaveLength(1)
    expect(outcome.kind).toBe('failure')
  })

  it('waits as its back-off says, which sees the number of the attempt and the wait before', async () => {
    expect(
      (await run({ maxRetries: 4, backoff: linear({ baseMs: 10, maxMs: 25 }) }, 1, 2, 3, 4)).attempts,
    ).toEqual([0, 10, 30, 55, 80])
    expect(
      (
        await run(
          { maxRetries: 3, backoff: exponential({ firstMs: 10, maxMs: 100, jitter: false }) },
          1,
          2,
          3,
        )
      ).attempts,
    ).toEqual([0, 10, 30, 70])
    expect((await run({ maxRetries: 2, backoff: constant({ ms: 0 }) }, 1, 2)).attempts).toEqual([0, 0, 0])
  })

  it('draws its delays from the given source of chance', async () => {
    const options = { maxRetries: 3, backoff: decorrelated({ baseMs: 100, maxMs: 2_000 }) }

    const [one, same, other] = [
      await run({ ...options, random: seededRandom(7) }, 1, 2, 3),
      await run({ ...options, random: seededRandom(7) }, 1, 2, 3),
      await run({ ...options, random: seededRandom(8) }, 1, 2, 3),
    ]

    expect(one.attempts).toEqual(same.attempts)
    expect(one.attempts).not.toEqual(other.attempts)
  })

  it('tries again after a timeout', async () => {
    const clock = new SimClock()
    const dependency = createScriptedDependency<string>({
      clock,
      script: [{ never: true }, { afterMs: 5, value: 'second' }],
    })
    const stack = pipeline(
      new Retry({ backoff: constant({ ms: 10 }), clock }),
      new Timeout({ timeoutMs: 50, clock }),
    )

    const outcome = stack.outcome(dependency.run)
    await clock.advance(100)

    expect(await outcome).toEqual({ kind: 'success', value: 'second' })
    expect(dependency.calls.map(({ startedAt }) => startedAt)).toEqual([0, 60])
  })
})

describe('R4: what is final', () => {
  it.each<[string, unknown]>([
    ['an open circuit', new CircuitOpenError('open')],
    ['a full bulkhead', new BulkheadFullError('full')],
    ['no token', new RateLimitedError('slow down')],
  ])('%s, as an error of the work, is not tried again', async (_name, error) => {
    expect((await run({}, error)).attempts).toHaveLength(1)
  })

  it('a rejection of ours is not tried again', async () => {
    const open = new CircuitBreaker()
    open.forceOpen()
    const full = new Bulkhead({ limit: 1 })
    void full.execute(() => new Promise(() => undefined))
    const closed = guard({ enter: () => new BreakwaterError('closed'), exit: () => undefined })

    for (const rejecting of [open, full, closed]) {
      const retry = new Retry()
      expect((await pipeline(retry, rejecting).outcome(() => 1)).kind).toBe('rejected')
      expect(retry.counts).toEqual({ attempts: 0, success: 0, failure: 0, exhausted: 0 })
    }
  })

  it('unless retryIf says otherwise', async () => {
    const clock = new SimClock()
    const full = new Bulkhead({ limit: 1, clock })
    void full.execute(() => new Promise((resolve) => clock.io(15, () => resolve(1))))
    const kinds: string[] = []
    const retryIf: RetryOptions['retryIf'] = (_error, { kind }) => {
      kinds.push(kind)
      return kind === 'rejected'
    }

    const outcome = pipeline(new Retry({ retryIf, backoff: constant({ ms: 10 }), clock }), full).outcome(
      () => 'ran',
    )
    await clock.advance(100)

    expect(await outcome).toEqual({ kind: 'success', value: 'ran' })
    expect(kinds).toEqual(['rejected', 'rejected'])
  })

  it('an ignored error is not tried again, and retryIf is not asked', async () => {
    const retryIf = vi.fn(() => true)
    const ignoring = new CircuitBreaker({ classify: () => 'ignored' })

    const outcome = await pipeline(new Retry({ retryIf }), ignoring).outcome(() => {
      throw new Error('not found')
    })

    expect(outcome.kind).toBe('ignored')
    expect(retryIf).not.toHaveBeenCalled()
  })

  it('a whole time that is over is not tried again, and retryIf is not asked', async () => {
    const clock = new SimClock()
    const retryIf = vi.fn(() => true)

    const outcome = new Retry({ retryIf, clock }).outcome(() => new Promise(() => undefined), {
      budgetMs: 50,
    })
    await clock.advance(100)

    expect((await outcome).kind).toBe('timeout')
    expect(retryIf).not.toHaveBeenCalled()
  })
})
