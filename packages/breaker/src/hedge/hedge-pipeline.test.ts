import { AsyncLocalStorage } from 'node:async_hooks'
import { CallTimeoutError, DeadlineExceededError, guard, pipeline } from '@breakwater/kernel'
import type { FallbackCause, Outcome } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { consecutiveFailures } from '../circuit-breaker/trip-rules.js'
import { RetryBudget } from '../retry/retry-budget.js'
import { Retry } from '../retry/retry.js'
import { Timeout } from '../timeout/timeout.js'
import { Dependency, down, NEVER } from './hedge.model.js'
import { Hedge } from './hedge.js'

const generous = { delayMs: 10, maxExtraPercent: 1_000 }

describe('the policies inside of a hedge', () => {
  it('hear `cancelled` of attempts that lost: no failure, and no slot or lease is kept', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock, trip: consecutiveFailures(1) })
    const bulkhead = new Bulkhead({ clock, limit: 2 })
    const kinds: string[] = []
    const heard = guard({ enter: () => undefined, exit: (_call, { kind }) => void kinds.push(kind) })
    const stack = pipeline(new Hedge({ ...generous, clock }), heard, breaker, bulkhead)

    const answer = stack.execute(new Dependency(clock, [NEVER, { afterMs: 5 }]).run)
    await clock.advance(15)

    expect(await answer).toBe('attempt 2')
    expect(kinds.sort()).toEqual(['cancelled', 'success'])
    expect(breaker.state).toBe('closed')
    expect(breaker.snapshot()).toMatchObject({ failures: 0, successes: 1 })
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('keep the slot of work that lost and does not stop, until it ends', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ clock, limit: 2 })
    const stack = pipeline(new Hedge({ ...generous, clock }), bulkhead)

    const answer = stack.execute(
      ({ attempt }) =>
        new Promise((resolve) => clock.io(clock.now() + (attempt === 1 ? 50 : 5), () => resolve(attempt))),
    )
    await clock.advance(20)
    const whileItRuns = bulkhead.snapshot().running
    await clock.advance(100)

    expect(await answer).toBe(2)
    expect([whileItRuns, bulkhead.snapshot().running]).toEqual([1, 0])
  })

  it('may refuse the second attempt without ending the first', async () => {
    const clock = new SimClock()
    const stack = pipeline(new Hedge({ ...generous, clock }), new Bulkhead({ clock, limit: 1 }))

    const answer = stack.outcome(new Dependency(clock, [{ afterMs: 30 }]).run)
    await clock.advance(100)

    expect(await answer).toEqual({ kind: 'success', value: 'attempt 1' })
  })

  it('that refuse the first attempt end the call', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock })
    breaker.forceOpen()
    const hedge = new Hedge({ ...generous, clock })

    const { kind } = await pipeline(hedge, breaker).outcome(() => 1)

    expect(kind).toBe('rejected')
    expect(hedge.counts.hedges).toBe(0)
  })

  it('get no second attempt while the first one waits for a slot', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ clock, limit: 1, queue: { limit: 5 } })
    const hedge = new Hedge({ ...generous, clock })
    void bulkhead.execute(() => new Promise<void>((resolve) => clock.io(35, resolve)))

    const dependency = new Dependency(clock, [{ afterMs: 4 }])
    const answer = pipeline(hedge, bulkhead).execute(dependency.run)
    await clock.advance(100)

    expect(await answer).toBe('attempt 1')
    expect(dependency.starts).toEqual([35])
    expect(hedge.counts.hedges).toBe(0)
  })

  it('give a trial back that lost', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({
      clock,
      trip: consecutiveFailures(1),
      openMs: 10,
      probes: { limit: 2, closeAfter: 2 },
      ramp: false,
    })
    await breaker.outcome(() => Promise.reject(down()))
    await clock.advance(10)
    const stack = pipeline(new Hedge({ ...generous, clock }), breaker)

    const answer = stack.execute(new Dependency(clock, [NEVER, { afterMs: 5 }]).run)
    await clock.advance(15)
    await answer
    await breaker.execute(() => 1)

    expect(breaker.state).toBe('closed')
  })
})

describe('the policies around a hedge', () => {
  it('see one call', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock })
    const bulkhead = new Bulkhead({ clock, limit: 1 })
    const stack = pipeline(breaker, bulkhead, new Hedge({ ...generous, clock }))

    const answer = stack.execute(new Dependency(clock, [NEVER, { afterMs: 5 }]).run)
    await clock.advance(100)

    expect(await answer).toBe('attempt 2')
    expect(breaker.snapshot()).toMatchObject({ successes: 1, failures: 0 })
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('keep the slot of the call until the last work that lost has ended', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ clock, limit: 1 })
    const stack = pipeline(bulkhead, new Hedge({ ...generous, maxHedges: 2, clock }))
    const running: number[] = []

    const answer = stack.execute(
      ({ attempt }) =>
        new Promise((resolve) => clock.io([0, 70, 50, 25][attempt] ?? 0, () => resolve(attempt))),
    )
    for (const ms of [30, 30, 30]) {
      await clock.advance(ms)
      running.push(bulkhead.snapshot().running)
    }

    expect(await answer).toBe(3)
    expect(running).toEqual([1, 1, 0])
  })

  it('limit the time of all attempts', async () => {
    const clock = new SimClock()
    const { run, seen } = new Dependency(clock, [NEVER, NEVER])
    const stack = pipeline(new Timeout({ timeoutMs: 50, clock }), new Hedge({ ...generous, clock }))

    const outcome = stack.outcome(run)
    await clock.advance(100)

    expect(await outcome).toMatchObject({ kind: 'timeout', error: expect.any(CallTimeoutError) as unknown })
    expect(seen.map(({ abortedAt }) => abortedAt)).toEqual([50, 50])
    expect(seen.map(({ call }) => call.deadline)).toEqual([50, 50])
  })

  it('R7: end all attempts when the caller aborts, with his reason', async () => {
    const clock = new SimClock()
    const { run, seen } = new Dependency(clock, [NEVER, NEVER])
    const caller = new AbortController()

    const outcome = new Hedge({ ...generous, clock }).outcome(run, { signal: caller.signal })
    await clock.advance(20)
    caller.abort('enough')
    await clock.advance(100)

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'enough' })
    expect(seen.map(({ call }) => call.signal.reason as unknown)).toEqual(['enough', 'enough'])
  })

  it('R3: begin no attempt after the caller’s budget', async () => {
    const clock = new SimClock()
    const dependency = new Dependency(clock, [NEVER, NEVER])

    const outcome = new Hedge({ ...generous, clock }).outcome(dependency.run, { budgetMs: 9 })
    await clock.advance(100)

    expect(await outcome).toMatchObject({
      kind: 'timeout',
      error: expect.any(DeadlineExceededError) as unknown,
    })
    expect(dependency.starts).toEqual([0])
  })

  it('try again after all attempts failed, and number them on', async () => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 1_000 })
    const failing = { afterMs: 1, error: down() }
    const dependency = new Dependency(clock, [failing, failing, failing, { afterMs: 1 }])
    const retry = new Retry({ backoff: constant({ ms: 100 }), budget, clock })
    const stack = pipeline(retry, new Hedge({ ...generous, budget, clock }))

    const answer = stack.execute(dependency.run)
    await clock.advance(1_000)

    expect(await answer).toBe('attempt 4')
    expect(dependency.starts).toEqual([0, 1, 102, 103])
    expect(dependency.seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
    // The retry counts the call, so the hedge does not.
    expect(budget.snapshot()).toEqual({ calls: 1, retries: 3 })
  })

  it('hear the last attempt of a failed call, and the error of the first', async () => {
    const clock = new SimClock()
    const causes: FallbackCause[] = []
    const [first, second] = [down('first'), down('second')]
    const { run } = new Dependency(clock, [
      { afterMs: 20, error: first },
      { afterMs: 1, error: second },
    ])
    const answers = {
      applies: () => true,
      answer: (cause: FallbackCause) => (causes.push(cause), 'instead'),
    }
    const fallback = { stage: { slot: 'fallback', part: answers, describe: () => ({ kind: 'fallback' }) } }

    const answer = pipeline(fallback as never, new Hedge({ ...generous, clock })).execute(run)
    await clock.advance(100)

    expect(await answer).toBe('instead')
    expect(causes).toEqual([{ kind: 'failure', error: first, policy: undefined, attempt: 2 }])
  })
})

it('further attempts run in the async context of the caller', async () => {
  const clock = new SimClock()
  const requests = new AsyncLocalStorage<string>()
  const seen: (string | undefined)[] = []
  const stack = pipeline(
    new Hedge({ ...generous, maxHedges: 2, clock }),
    new Timeout({ timeoutMs: 15, clock }),
  )
  const never = (): Promise<never> => {
    seen.push(requests.getStore())
    return new Promise(() => undefined)
  }

  const ends: Promise<Outcome<never>>[] = ['a', 'b'].map((id) => requests.run(id, () => stack.outcome(never)))
  await clock.advance(1_000)
  await Promise.all(ends)

  expect(seen).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
})

it.each([
  ['a fallback', 'fallback'],
  ['a cache', 'cache'],
])('a pipeline refuses %s inside of a hedge', (_name, slot) => {
  const inside = { stage: { slot, part: {}, describe: () => ({ kind: slot }) } }

  expect(() => pipeline(new Hedge(), inside as never)).toThrow(/Invalid order/)
})
