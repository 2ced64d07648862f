import { onInternalError, pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { Timeout } from '../timeout/timeout.js'
import { AdaptiveLimiter } from './adaptive-limiter.js'

const never = (): Promise<never> => new Promise(() => undefined)

function refusing(status: unknown): () => Promise<never> {
  return () => Promise.reject(Object.assign(new Error('busy'), { status }))
}

describe('what counts as dropped', () => {
  async function limitAfter(
    end: (limiter: Policy, clock: SimClock) => unknown,
    options: ConstructorParameters<typeof AdaptiveLimiter>[0] = {},
  ): Promise<number> {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, clock, ...options })
    await end(limiter, clock)
    return limiter.limit
  }

  it.each<[string, unknown, number]>([
    ['429', { status: 429 }, 9],
    ['503', { status: 503 }, 9],
    ['503 as statusCode', { statusCode: 503 }, 9],
    ['503 of an answer that an error carries', { response: { status: 503 } }, 9],
    ['500', { status: 500 }, 10],
    ['no status', {}, 10],
    ['no object', 'busy', 10],
    ['nothing', null, 10],
  ])('an answer or an error with %s', async (_title, value, expected) => {
    expect(await limitAfter((limiter) => limiter.outcome(() => value))).toBe(expected)
    expect(await limitAfter((limiter) => limiter.outcome(async () => value))).toBe(expected)
    expect(await limitAfter((limiter) => limiter.outcome(() => Promise.reject(value)))).toBe(expected)
  })

  it('a timeout, once, while the slot waits for the end of the work', async () => {
    const clock = new SimClock()
    const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, clock })
    const limited = pipeline(limiter, new Timeout({ timeoutMs: 50, clock }))
    const ended = limited.outcome(() => new Promise((resolve) => clock.io(80, () => resolve(1))))

    await clock.advance(60)
    expect((await ended).kind).toBe('timeout')
    expect(limiter.snapshot()).toMatchObject({ limit: 9, running: 1 })
    await clock.advance(60)
    expect(limiter.snapshot()).toMatchObject({ limit: 9, running: 0 })
  })

  it('neither an abort, nor a refusal inside, nor a refusal by a command inside', async () => {
    const aborted = async (limiter: Policy): Promise<void> => {
      const controller = new AbortController()
      const outcome = limiter.outcome(never, { signal: controller.signal })
      controller.abort()
      await outcome
    }
    const inside = async (limiter: Policy, clock: SimClock): Promise<void> => {
      const breaker = new CircuitBreaker({ clock })
      breaker.forceOpen()
      await pipeline(limiter, breaker).outcome(() => 1)
      await limiter.outcome(() => breaker.execute(() => 1))
    }

    expect(await limitAfter(aborted)).toBe(10)
    expect(await limitAfter(inside)).toBe(10)
  })

  it('what classify says', async () => {
    const seen: unknown[] = []
    const classify = (outcome: { readonly kind: string }): 'dropped' => {
      seen.push(outcome)
      return 'dropped'
    }

    expect(await limitAfter((limiter) => limiter.outcome(() => 'fine'), { classify })).toBe(9)
    expect(seen).toEqual([{ kind: 'success', value: 'fine' }])
    expect(await limitAfter((limiter) => limiter.outcome(refusing(500)), { classify })).toBe(9)
    expect(await limitAfter((limiter) => limiter.outcome(refusing(503)), { classify: () => 'ignored' })).toBe(
      10,
    )
  })

  it('B9: nothing, when classify throws or answers nonsense, or the answer cannot be read', async () => {
    const errors: unknown[] = []
    const unsubscribe = onInternalError((error) => void errors.push(error))
    const throwing = (): never => {
      throw new Error('classify')
    }
    const hostile = {
      get status(): number {
        throw new Error('status')
      },
    }

    expect(await limitAfter((limiter) => limiter.outcome(refusing(503)), { classify: throwing })).toBe(10)
    expect(
      await limitAfter((limiter) => limiter.outcome(refusing(503)), { classify: () => 'no' as never }),
    ).toBe(10)
    expect(await limitAfter((limiter) => limiter.outcome(() => hostile))).toBe(10)
    expect(errors).toHaveLength(3)
    unsubscribe()
  })
})
