import { describe, expect, it } from 'vitest'
import { end } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { COMPATS, likeHystrix, opened } from './hystrix-steps.model.js'

describe.each(COMPATS)('the sleep window with compat %s', (compat) => {
  it('is as long as was said by hand, whatever an update says, and the next one as that says', () => {
    const { clock, breaker } = likeHystrix(compat)
    breaker.openFor(2_000)
    breaker.update({ openMs: 50 })
    expect(breaker.snapshot().retryAfterMs).toBe(2_000)

    clock.stall(2_001)
    end(breaker, 'failure')
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 50 })
  })

  it('stands under a held state that is restored, also when it is over by then', () => {
    const { clock, breaker } = opened(compat)
    breaker.forceClosed()
    const early = breaker.save()
    clock.stall(600)

    for (const restore of [early, breaker.save()]) {
      const again = new CircuitBreaker({ compat, restore, clock })
      again.release()
      expect(again.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 0 })
    }
  })
})
