import { createRuntime, onInternalError, pipeline } from '@breakwater/kernel'
import type { RuntimeTransition } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import {
  acquire,
  admits,
  answering,
  DOWN,
  edges,
  end,
  failing,
  setUp,
  setUpForTrial,
  transitionsOf,
} from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerEvents } from './gate.js'
import { errorRate } from './trip-rules.js'

describe('transition', () => {
  it('tells from, to, why, with what counts, when and after how long', async () => {
    const { clock, breaker } = setUp()
    const transitions = transitionsOf(breaker)
    await clock.advance(250)

    await breaker.outcome(failing)

    expect(transitions).toEqual([
      {
        from: 'closed',
        to: 'open',
        reason: 'consecutive-failures',
        counts: { successes: 0, failures: 1, slow: 0, total: 1, errorPercent: 100, consecutiveFailures: 1 },
        at: 250,
        afterMs: 250,
        openMs: 1_000,
      },
    ])
  })

  it('comes after the state is final', () => {
    const { clock, breaker } = setUp()
    const seen: [string, string, boolean][] = []
    breaker.on('transition', ({ to }) => seen.push([to, breaker.state, admits(breaker)]))

    end(breaker, 'failure')
    clock.stall(1_000)
    end(breaker, 'success')

    expect(seen).toEqual([
      ['open', 'open', false],
      ['half-open', 'half-open', false],
      ['closed', 'closed', true],
    ])
  })

  it('comes once for each edge and in their order, when a listener makes more of them', () => {
    using runtime = createRuntime()
    const { breaker } = setUp({ name: 'users', runtime })
    const told: RuntimeTransition[] = []
    runtime.on('transition', (transition) => told.push(transition))
    breaker.on('transition', ({ from, to }) => {
      if (from === 'closed') breaker.forceOpen('by a listener')
      if (to === 'forced-open') breaker.release()
    })
    const transitions = transitionsOf(breaker)

    end(breaker, 'failure')

    const expected = ['closed > open', 'open > forced-open', 'forced-open > open']
    expect(edges(transitions)).toEqual(expected)
    expect(edges(told)).toEqual(expected)
  })

  it('B8: comes in order, when one step makes several and a listener of the first makes more', async () => {
    const clock = new SimClock()
    const trip = errorRate({ volume: 1, windowMs: 1_000, buckets: 10 })
    const breaker = new CircuitBreaker({ compat: 'hystrix', trip, openMs: 200, clock })
    breaker.on('transition', ({ to }) => {
      if (to === 'open') breaker.disable()
    })
    const transitions = transitionsOf(breaker)
    end(breaker, 'failure')
    await clock.advance(5_000)

    // Open since the end of its health bucket, and its sleep window is over.
    breaker.tryAcquire()

    expect(transitions.map(({ from, to }) => `${from} to ${to}`)).toEqual([
      'closed to open',
      'open to half-open',
      'half-open to disabled',
    ])
  })

  it('reaches the runtime of a named breaker', () => {
    using runtime = createRuntime()
    const { breaker } = setUp({ name: 'users', group: 'edge', runtime })
    const told: RuntimeTransition[] = []
    runtime.on('transition', (transition) => told.push(transition))

    end(breaker, 'failure')

    expect(told).toEqual([
      { name: 'users', group: 'edge', from: 'closed', to: 'open', reason: 'consecutive-failures', at: 0 },
    ])
  })

  it('changes nothing when its listener throws', async () => {
    const reports: unknown[] = []
    const unsubscribe = onInternalError((error, where) => reports.push([error, where]))
    const { clock, breaker } = setUp()
    breaker.on('transition', () => {
      throw DOWN
    })
    const others = transitionsOf(breaker)

    expect(await breaker.outcome(failing)).toEqual({ kind: 'failure', error: DOWN })
    await clock.advance(1_000)
    expect(await breaker.execute(answering)).toBe('up')

    unsubscribe()
    expect(others).toHaveLength(3)
    expect(reports[0]).toEqual([DOWN, 'CircuitBreaker: listener of "transition"'])
  })

  it('stops coming to those who unsubscribed', () => {
    const { breaker } = setUp()
    const seen: string[] = []
    const unsubscribe = breaker.on('transition', ({ to }) => seen.push(to))

    breaker.forceOpen()
    unsubscribe()
    breaker.release()

    expect(seen).toEqual(['forced-open'])
  })
})

describe('rejected', () => {
  it('tells the error and the time of each refusal', async () => {
    const { clock, breaker } = setUp()
    end(breaker, 'failure')
    const seen: CircuitBreakerEvents['rejected'][] = []
    breaker.on('rejected', (event) => seen.push(event))
    await clock.advance(10)

    const { error } = (await breaker.outcome(answering)) as { error?: unknown }
    const refusal = breaker.tryAcquire()

    expect(seen).toEqual([
      { error, at: 10 },
      { error: refusal, at: 10 },
    ])
  })

  it('lets a listener reset the breaker: this call is still refused, the next is not', async () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    breaker.on('rejected', () => breaker.reset())

    const refused = await breaker.outcome(answering)

    expect(refused).toMatchObject({ kind: 'rejected', error: { code: 'ERR_CIRCUIT_OPEN' } })
    expect(await breaker.execute(answering)).toBe('up')
  })
})

describe('late', () => {
  it('tells the kind and both generations of a result that changed nothing', () => {
    const { breaker } = setUp()
    const seen: CircuitBreakerEvents['late'][] = []
    breaker.on('late', (event) => seen.push(event))
    const [first, second, third] = [acquire(breaker), acquire(breaker), acquire(breaker)]
    end(breaker, 'failure')

    first.settle('success')
    second.settle('timeout')
    third.settle('cancelled')

    expect(seen).toEqual([
      { kind: 'success', generation: 0, currentGeneration: 1 },
      { kind: 'timeout', generation: 0, currentGeneration: 1 },
    ])
  })

  it('tells of an answer that came after its timeout', async () => {
    const { clock, breaker } = setUp()
    breaker.forceClosed()
    const seen: CircuitBreakerEvents['late'][] = []
    breaker.on('late', (event) => seen.push(event))
    const timed = pipeline(breaker, new Timeout({ timeoutMs: 10, clock })).outcome(
      () => new Promise((resolve) => clock.io(25, () => resolve('late'))),
    )

    await clock.advance(25)

    expect(await timed).toMatchObject({ kind: 'timeout' })
    expect(seen).toEqual([{ kind: 'success', generation: 1, currentGeneration: 1 }])
    expect(breaker.snapshot()).toMatchObject({ successes: 0, failures: 1 })
  })

  it('tells of calls that were admitted unseen as well', async () => {
    const { breaker } = setUp()
    const seen: string[] = []
    breaker.on('late', ({ kind }) => seen.push(kind))
    const early = [breaker.execute(answering), breaker.outcome(failing)]
    breaker.forceClosed()

    await Promise.all(early)

    expect(seen).toEqual(['success', 'failure'])
    expect(breaker.snapshot().total).toBe(0)
  })
})

describe('update', () => {
  it('tells when the options were changed', async () => {
    const { clock, breaker } = setUp()
    const seen: unknown[] = []
    breaker.on('update', (event) => seen.push(event))
    await clock.advance(30)

    breaker.update({ openMs: 5 })

    expect(seen).toEqual([{ at: 30 }])
  })
})

describe('dispose', () => {
  it('removes all listeners and leaves a breaker that works', () => {
    using runtime = createRuntime()
    const told: RuntimeTransition[] = []
    runtime.on('transition', (transition) => told.push(transition))
    const { breaker } = setUp({ name: 'users', runtime })
    const transitions = transitionsOf(breaker)
    end(breaker, 'failure')

    breaker[Symbol.dispose]()
    breaker.reset()
    end(breaker, 'failure')

    expect(breaker.state).toBe('open')
    expect(transitions).toHaveLength(1)
    expect(told).toHaveLength(1)
    expect([...runtime.instruments()]).toEqual([])
  })

  it('leaves the runtime alone, also when nothing was told before', () => {
    using runtime = createRuntime()
    const { breaker } = setUp({ name: 'users', runtime })
    const told: RuntimeTransition[] = []
    runtime.on('transition', (transition) => told.push(transition))

    breaker.dispose()
    end(breaker, 'failure')

    expect(told).toEqual([])
  })

  it('may be followed by new listeners', () => {
    const { breaker } = setUpForTrial()
    breaker.dispose()
    const transitions = transitionsOf(breaker)

    end(breaker, 'success')

    expect(edges(transitions)).toEqual(['open > half-open', 'half-open > closed'])
  })
})
