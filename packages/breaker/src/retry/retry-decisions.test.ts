import { BreakwaterError, onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { constant, decorrelated } from '../backoff/backoff.js'
import { asking, down, run } from './retry.model.js'
import { Retry } from './retry.js'
import type { RetryOptions } from './retry-options.js'

const throwing = (): never => {
  throw new Error('mine')
}

describe('retryIf and retryOnResult', () => {
  it('retryIf sees the error, its kind and the attempt', async () => {
    const errors = [down('1'), down('2')]
    const seen: unknown[] = []
    const retryIf: RetryOptions['retryIf'] = (error, failed) => {
      seen.push([error, failed])
      return error === errors[0]
    }

    const { attempts } = await run({ retryIf }, ...errors)

    expect(attempts).toHaveLength(2)
    expect(seen).toEqual([
      [errors[0], { kind: 'failure', attempt: 1 }],
      [errors[1], { kind: 'failure', attempt: 2 }],
    ])
  })

  it('retryOnResult tries again for an answer, and the last answer stands', async () => {
    const clock = new SimClock()
    const answers = [503, 503, 503]
    const seen: unknown[] = []
    const retry = new Retry({
      backoff: constant({ ms: 1 }),
      retryOnResult: (value, attempt) => {
        seen.push([value, attempt])
        return value === 503
      },
      clock,
    })

    const outcome = retry.outcome(() => answers.shift())
    await clock.advance(100)

    expect(await outcome).toEqual({ kind: 'success', value: 503 })
    expect(seen).toEqual([
      [503, 1],
      [503, 2],
      [503, 3],
    ])
    expect(retry.counts).toEqual({ attempts: 2, success: 0, failure: 0, exhausted: 1 })
  })

  it.each<[string, RetryOptions, unknown[], string[]]>([
    ['a throw of retryIf', { retryIf: throwing }, [down()], ['retryIf']],
    ['a throw of retryOnResult', { retryOnResult: throwing }, [], ['retryOnResult']],
    ['a truthy thing', { retryIf: () => 'yes' as unknown as boolean }, [down()], []],
  ])('%s means no, and a throw is reported', async (_name, options, errors, expected) => {
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))

    const { attempts } = await run(options, ...errors)
    unsubscribe()

    expect(attempts).toHaveLength(1)
    expect(reported).toEqual(expected)
  })
})

describe('a back-off', () => {
  const mine = (delayMs: () => number): RetryOptions => ({
    maxRetries: 1,
    backoff: { kind: 'mine', delayMs },
  })

  it.each<[string, RetryOptions]>([
    ['that throws', mine(throwing)],
    ['that answers NaN', mine(() => NaN)],
    ['whose list of delays is too short', mine(() => [][0] as unknown as number)],
    ['that answers no number', mine(() => ({}) as number)],
  ])('%s is reported, and ends it: the call fails with its own error', async (_name, options) => {
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))
    const error = down()

    const { attempts, outcome } = await run(options, error)
    unsubscribe()

    expect(attempts).toEqual([0])
    expect(outcome).toEqual({ kind: 'failure', error })
    expect(reported).toEqual(['backoff'])
  })

  it.each<[string, () => number]>([
    ['throws', throwing],
    ['answers no number', () => NaN],
  ])('whose chance %s waits as chance of the engine says', async (_name, next) => {
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))
    const backoff = decorrelated({ baseMs: 10, maxMs: 20 })

    const { attempts } = await run({ backoff, random: { next }, maxRetries: 1 }, down())
    unsubscribe()

    expect(attempts).toHaveLength(2)
    expect(attempts[1]).toBeGreaterThanOrEqual(10)
    expect(attempts[1]).toBeLessThan(21)
    expect(reported).toEqual(['random'])
  })

  it.each<[number, number[]]>([
    [-5, [0, 0]],
    [0.5, [0, 0.5]],
    [Infinity, [0]],
  ])('that answers %d', async (delayMs, expected) => {
    expect(
      (
        await run(
          mine(() => delayMs),
          down(),
        )
      ).attempts,
    ).toEqual(expected)
  })
})

describe('a back-off that goes by what happened', () => {
  it('is told how the attempt before ended, also when that was an answer', async () => {
    const clock = new SimClock()
    const seen: unknown[] = []
    const backoff: RetryOptions['backoff'] = {
      kind: 'as told',
      delayMs: (_step, _random, _previousMs, outcome) => {
        seen.push(outcome)
        return outcome?.kind === 'success' ? 700 : 5
      },
    }
    const retry = new Retry({ backoff, retryOnResult: (value) => value === 503, clock })
    const begun: number[] = []

    const answer = retry.execute(({ attempt }) => {
      begun.push(clock.now())
      if (attempt === 1) throw 'down'
      return attempt === 2 ? 503 : 200
    })
    await clock.advance(1_000)

    expect(await answer).toBe(200)
    expect(begun).toEqual([0, 5, 705])
    expect(seen).toEqual([
      { kind: 'failure', error: 'down' },
      { kind: 'success', value: 503 },
    ])
  })
})

describe('R6: Retry-After', () => {
  it.each<[string, RetryOptions, unknown, number[]]>([
    ['is waited for when longer than the back-off', {}, asking(500), [0, 500]],
    ['is no reason to wait shorter', {}, asking(3), [0, 10]],
    ['is not read when told so', { retryAfter: false }, asking(500), [0, 10]],
    ['beyond the cap ends it', { maxRetryAfterMs: 400 }, asking(401), [0]],
    ['at the cap is waited for', { maxRetryAfterMs: 400 }, asking(400), [0, 400]],
    ['of Infinity ends it', {}, asking(Infinity), [0]],
    ['that is no number is not read', {}, asking('500'), [0, 10]],
    ['that is NaN is not read', {}, asking(NaN), [0, 10]],
    ['that is negative is not read', {}, asking(-5), [0, 10]],
    ['of one of our own errors', {}, new BreakwaterError('busy', { retryAfterMs: 70 }), [0, 70]],
    ['of no error at all', {}, undefined, [0, 10]],
  ])('%s', async (_name, options, error, expected) => {
    expect((await run({ maxRetries: 1, ...options }, error)).attempts).toEqual(expected)
  })

  it('that cannot be read is reported, and not waited for', async () => {
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))
    const unreadable = {
      get retryAfterMs(): number {
        throw new Error('getter')
      },
    }

    const { attempts } = await run({ maxRetries: 1 }, unreadable)
    unsubscribe()

    expect(attempts).toEqual([0, 10])
    expect(reported).toEqual(['error.retryAfterMs'])
  })
})
