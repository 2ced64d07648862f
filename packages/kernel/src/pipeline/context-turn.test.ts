import { RateLimiter } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { expect, it } from 'vitest'
import { caller } from './context.model.js'
import { pipeline } from './pipeline.js'

it('a fallback after a turn that will not come in time runs in the async context of its caller', async () => {
  const clock = new SimClock()
  const limiter = new RateLimiter({ rate: 1, burst: 1, queue: { limit: 5, maxWaitMs: 5_000 }, clock })
  const guarded = pipeline(new Fallback({ chain: [() => caller.getStore()] }), limiter)
  await limiter.execute(() => 1)
  const calls = ['ann', 'bob'].map((who) => caller.run(who, () => guarded.execute(() => 'in time')))

  caller.run('operator', () => limiter.update({ rate: 1, perMs: 60_000 }))

  expect(await Promise.all(calls)).toEqual(['ann', 'bob'])
})
