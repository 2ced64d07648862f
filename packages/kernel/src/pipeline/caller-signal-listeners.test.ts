import { Bulkhead, CircuitBreaker, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { CountingSignal } from './counting-signal.model.js'
import { errorOf, never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

describe('the listener on the caller’s signal', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['answers at once', () => Promise.resolve(pipeline().execute(() => 1, { signal: shared.asSignal }))],
    ['answers later', () => pipeline().execute(() => Promise.resolve(1), { signal: shared.asSignal })],
    [
      'fails',
      () => errorOf(pipeline().execute(() => Promise.reject(new Error('x')), { signal: shared.asSignal })),
    ],
    ['has no time', () => errorOf(pipeline().execute(() => 1, { signal: shared.asSignal, budgetMs: 0 }))],
    ['is refused', () => errorOf(refusing.execute(() => 1, { signal: shared.asSignal }))],
    [
      'is answered by a fallback',
      () => answering.execute(() => Promise.reject(new Error('x')), { signal: shared.asSignal }),
    ],
  ])('is gone when a call %s', async (_name, call) => {
    const before = shared.listeners

    await call()

    expect(shared.listeners).toBe(before)
  })

  it('is gone when the time of a call is over', async () => {
    const clock = new SimClock()
    const signal = new CountingSignal()
    const error = errorOf(new Timeout({ timeoutMs: 10, clock }).execute(never, { signal: signal.asSignal }))
    expect(signal.listeners).toBe(1)

    await clock.advance(10)

    expect(await error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(signal.listeners).toBe(0)
  })

  it('is one for each running call', () => {
    const signal = new CountingSignal()
    const stack = pipeline(
      new Bulkhead(),
      new CircuitBreaker(),
      new Retry(),
      new Timeout({ timeoutMs: 1_000, clock: undefined }),
    )

    for (let call = 0; call < 20; call++) void stack.execute(never, { signal: signal.asSignal })

    expect(signal.listeners).toBe(20)
  })
})

const shared = new CountingSignal()
const refusing = new CircuitBreaker()
refusing.forceOpen()
const answering = new Fallback({ chain: [() => 'instead'] })
