/**
 * Real processes: how long they live is what is tested here, so these run in real time, and are few.
 */
import { describe, expect, it } from 'vitest'
import { live, livedMs } from './life.model.js'

describe('a process', { timeout: 90_000 }, () => {
  it('ends at once when nobody waits, whatever was made and called in it', async () => {
    const life = await live(`
      const { Timeout, Retry, Bulkhead, CircuitBreaker } = breaker
      const stack = kernel.pipeline(
        new fallback.Fallback({ chain: [() => 0] }), new Timeout({ timeoutMs: 60_000 }), new Retry(),
        new CircuitBreaker({ name: 'a' }), new Bulkhead({ name: 'b', queue: { limit: 5, maxWaitMs: 60_000 } }),
        new Timeout({ timeoutMs: 30_000 }))
      for (let call = 0; call < 1_000; call++) await stack.execute(() => call, { budgetMs: 20_000 + call })
      console.log('called')`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    expect(life.output).toContain('called')
    expect(livedMs(life)).toBeLessThan(15_000)
  })

  it('ends at once when limiters, hedges, balancers and commands were made, called and forgotten', async () => {
    const life = await live(`
      const { AdaptiveLimiter, Hedge, RateLimiter } = breaker
      const queue = { limit: 5, maxWaitMs: 60_000 }
      const stack = kernel.pipeline(
        new RateLimiter({ rate: 1_000_000, queue }), new Hedge({ delayMs: 60_000 }), new AdaptiveLimiter({ name: 'a', queue }))
      const whole = command.createCommand({ name: 'b', preset: 'hedged', pool: 'c', rate: { rate: 1_000_000, queue }, run: () => 1 })
      const { createBalancer, StaticSource } = await import('@breakwater/discovery-client')
      const source = new StaticSource({ users: ['http://10.0.0.1:1', 'http://10.0.0.1:2'] })
      const balancer = createBalancer({ source, service: 'users', ejection: {}, probation: {}, leakAlarmMs: 60_000 })
      for (let call = 0; call < 1_000; call++) {
        await stack.execute(() => call)
        await whole.execute()
        await balancer.execute(() => call)
      }
      balancer.pick()
      console.log('called')`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    expect(life.output).toContain('called')
    expect(livedMs(life)).toBeLessThan(15_000)
  })

  it.each<[string, string, string]>([
    ['a call with a timeout', `new breaker.Timeout({ timeoutMs: 300 }).execute(never)`, 'ERR_TIMEOUT'],
    ['a call with a budget', `kernel.pipeline().execute(never, { budgetMs: 300 })`, 'ERR_DEADLINE_EXCEEDED'],
    [
      'a call in a queue',
      `(() => {
        const bulkhead = new breaker.Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 300 } })
        void bulkhead.execute(never)
        return bulkhead.execute(never)
      })()`,
      'ERR_BULKHEAD_FULL',
    ],
    [
      'a call that waits for its turn at a rate limit',
      `(() => {
        const limiter = new breaker.RateLimiter({ rate: 1, perMs: 301, queue: { limit: 1 } })
        void limiter.execute(() => 1)
        return limiter.execute(() => { throw Object.assign(new Error(), { code: 'its turn' }) })
      })()`,
      'its turn',
    ],
    [
      'a call that waits for its hedge',
      `new breaker.Hedge({ delayMs: 300 })
        .execute(({ attempt }) => attempt === 1 ? never() : 'attempt 2')
        .then((code) => { throw Object.assign(new Error(), { code }) })`,
      'attempt 2',
    ],
    [
      'a call that waits for its next attempt',
      `new breaker.Retry({ maxRetries: 1, backoff: breaker.constant({ ms: 300 }) })
        .execute(({ attempt }) => { throw Object.assign(new Error(), { code: 'attempt ' + attempt }) })`,
      'attempt 2',
    ],
    [
      'a call with a timeout that was made after many others',
      `(() => {
        const timeout = new breaker.Timeout({ timeoutMs: 300 })
        void timeout.execute(() => 'made its line')
        for (let budgetMs = 1; budgetMs < 200; budgetMs++) void kernel.pipeline().execute(() => 1, { budgetMs: 1_000 + budgetMs })
        return timeout.execute(never)
      })()`,
      'ERR_TIMEOUT',
    ],
  ])('does not end under %s', async (_name, call, code) => {
    const life = await live(`await ${call}.catch((error) => console.log('ended with', error.code))`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    expect(life.output).toContain(`ended with ${code}`)
    expect(livedMs(life)).toBeGreaterThanOrEqual(299)
    expect(livedMs(life)).toBeLessThan(15_000)
  })

  it('does not end under several that wait for different times', async () => {
    const life = await live(`
      const ends = [100, 400, 250].map((timeoutMs) => new breaker.Timeout({ timeoutMs }).outcome(never).then(() => console.log(timeoutMs)))
      await Promise.all(ends)`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    // A machine that stands still meanwhile may let them end in another order.
    expect(life.output).toMatch(/^(?:(?:100|250|400)\n){3}lived/)
    expect(livedMs(life)).toBeGreaterThanOrEqual(399)
  })

  it('ends when the last of those who waited is answered, not at the end of his time', async () => {
    const life = await live(`
      const answer = new breaker.Timeout({ timeoutMs: 40_000 }).execute(() => new Promise((resolve) => setTimeout(resolve, 100, 'answer')))
      console.log(await answer)`)

    expect(life.output).toContain('answer')
    expect(livedMs(life)).toBeLessThan(15_000)
  })

  it('ends when the last of those who waited has given up, whoever had more time', async () => {
    const life = await live(`
      const inner = command.createCommand({ name: 'inner', timeoutMs: 300, retry: false, run: never })
      const outer = command.createCommand({ name: 'outer', timeoutMs: 40_000, attemptTimeoutMs: 40_000, retry: false, run: () => inner.outcome() })
      console.log((await outer.execute()).kind)`)

    expect(life).toMatchObject({ code: 0, errors: '' })
    expect(life.output).toContain('timeout')
    expect(livedMs(life)).toBeLessThan(15_000)
  })
})
