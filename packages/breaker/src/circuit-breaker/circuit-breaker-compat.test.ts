import { createRuntime, pipeline } from '@breakwater/kernel'
import type { BreakerReading } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import {
  acquire,
  admits,
  answering,
  edges,
  end,
  failing,
  hanging,
  transitionsOf,
} from './breaker-steps.model.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerEvents } from './gate.js'
import { CLASSIC, COMPATS, LEASED, likeHystrix, opened, TRI_STATE, VERSIONS } from './hystrix-steps.model.js'
import { errorRate } from './trip-rules.js'

describe('1.5.18', () => {
  it('opens when somebody asks, and at that time', () => {
    const { clock, breaker } = likeHystrix(CLASSIC)
    const transitions = transitionsOf(breaker)
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(730)

    expect(admits(breaker)).toBe(false)
    expect(transitions).toMatchObject([{ to: 'open', at: 730, openMs: 500, reason: 'error-rate' }])
  })

  it.each<[string, (breaker: CircuitBreaker) => unknown]>([
    ['the state', (breaker) => breaker.state],
    ['a snapshot', (breaker) => breaker.snapshot()],
    ['what is saved', (breaker) => breaker.save()],
  ])('opens by a look at %s', (_, look) => {
    const { clock, breaker } = likeHystrix(CLASSIC)
    const transitions = transitionsOf(breaker)
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(730)

    look(breaker)

    expect(edges(transitions)).toEqual(['closed > open'])
    clock.stall(270)
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 230 })
  })

  it('never opens when nobody looks while the failures are in the window', () => {
    const { clock, breaker } = likeHystrix(CLASSIC)
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(1_100)

    expect(admits(breaker)).toBe(true)
  })

  it('lets one trial through in each sleep window, from the start of the last one', () => {
    const { clock, breaker } = opened(CLASSIC)
    clock.stall(501)
    expect([admits(breaker), admits(breaker)]).toEqual([true, false])
    expect(breaker.state).toBe('open')

    clock.stall(500)
    expect(admits(breaker)).toBe(false)
    clock.stall(1)
    expect([admits(breaker), admits(breaker)]).toEqual([true, false])
  })
})

describe('1.5.13', () => {
  it('opens at the end of a health bucket, whether anybody asks or not', () => {
    const { clock, breaker } = likeHystrix(TRI_STATE)
    const transitions = transitionsOf(breaker)
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(5_000)

    expect(breaker.snapshot()).toMatchObject({ state: 'open', inStateMs: 4_900, retryAfterMs: 0, total: 0 })
    expect(transitions).toMatchObject([
      { to: 'open', at: 100, afterMs: 100, openMs: 500, counts: { failures: 4 } },
    ])
  })

  it('opens when successes leave the window', () => {
    const { clock, breaker } = likeHystrix(TRI_STATE)
    const transitions = transitionsOf(breaker)
    end(breaker, 'success', 'success', 'success', 'success', 'success')
    clock.stall(300)
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(9_700)

    expect(breaker.state).toBe('open')
    expect(transitions).toMatchObject([{ at: 1_100, counts: { successes: 0, failures: 4 } }])
  })

  it('is half-open while its trial runs, and any end of any call takes the trial its say', () => {
    const { clock, breaker } = opened(TRI_STATE)
    clock.stall(501)
    const transitions = transitionsOf(breaker)
    const trial = acquire(breaker)
    expect(breaker.snapshot()).toMatchObject({ state: 'half-open', retryAfterMs: 500 })

    expect(admits(breaker)).toBe(false)
    trial.settle('success')

    expect(edges(transitions)).toEqual(['open > half-open', 'half-open > open'])
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 500 })
  })

  it('hears a refused call at its end, when that is told', () => {
    const { clock, breaker } = opened(TRI_STATE)
    clock.stall(501)
    const trial = breaker.begin()
    const refused = breaker.begin()
    expect([trial.refusal, refused.refusal?.code]).toEqual([undefined, 'ERR_CIRCUIT_OPEN'])
    expect(breaker.state).toBe('half-open')

    clock.stall(10)
    refused.workEnded('success')
    expect(breaker.state).toBe('half-open')
    refused.settle('success')

    expect(breaker.snapshot()).toMatchObject({ state: 'open', inStateMs: 0, retryAfterMs: 500 })
    trial.settle('success')
    expect(breaker.state).toBe('open')
  })
})

describe('a breaker with compat hystrix', () => {
  it('opens at the end of a health bucket, and lets one trial through at the end of its sleep window', () => {
    const { clock, breaker } = opened(LEASED)
    const transitions = transitionsOf(breaker)
    clock.stall(499)
    expect(admits(breaker)).toBe(false)
    clock.stall(1)

    const trial = acquire(breaker)
    expect([admits(breaker), breaker.state]).toEqual([false, 'half-open'])
    trial.settle('success')

    expect(edges(transitions)).toEqual(['open > half-open', 'half-open > closed'])
  })

  it('B6 gives the place of a trial that never ends to another call when its lease is over', () => {
    const { clock, breaker } = opened(LEASED, { probes: { leaseMs: 70 } })
    clock.stall(500)
    expect(admits(breaker)).toBe(true)
    expect(breaker.snapshot().retryAfterMs).toBe(70)
    clock.stall(69)
    expect(admits(breaker)).toBe(false)
    clock.stall(1)

    expect(admits(breaker)).toBe(true)
  })

  it('B5 tells of results that come too late, and moves by none of them', () => {
    const { clock, breaker } = likeHystrix(LEASED, { probes: { leaseMs: 70 } })
    const late: string[] = []
    breaker.on('late', ({ kind }) => late.push(kind))
    const [early, other] = [acquire(breaker), acquire(breaker)]
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(100)
    early.settle('success')
    clock.stall(500)
    const lost = acquire(breaker)
    other.workEnded('failure')
    other.settle('failure')
    clock.stall(70)
    lost.settle('success')
    expect([breaker.state, late]).toEqual(['half-open', ['success', 'failure', 'success']])

    end(breaker, 'success')

    expect([breaker.state, late.length]).toEqual(['closed', 3])
  })
})

describe.each(VERSIONS)('a breaker with compat %s', (compat) => {
  it('waits longer than its sleep window, not just as long', () => {
    const { clock, breaker } = opened(compat)

    clock.stall(500)
    expect(breaker.snapshot().retryAfterMs).toBe(0)
    expect(admits(breaker)).toBe(false)
    clock.stall(0.001)
    expect(admits(breaker)).toBe(true)
  })

  it('hears results whenever they come: none is late', () => {
    const { clock, breaker } = likeHystrix(compat)
    const late: CircuitBreakerEvents['late'][] = []
    breaker.on('late', (event) => late.push(event))
    const early = [acquire(breaker), acquire(breaker)]
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(100)
    expect(breaker.state).toBe('open')
    for (const permit of early) permit.settle('failure')
    clock.stall(100)

    expect(breaker.snapshot().health).toMatchObject({ total: 6, errors: 6 })
    expect(late).toEqual([])
  })
})

describe.each(COMPATS)('a breaker with compat %s', (compat) => {
  it('counts calls that another policy refused, in a pipeline', async () => {
    const { clock, breaker } = likeHystrix(compat)
    const policies = pipeline(breaker, new Bulkhead({ limit: 1, clock }))
    void policies.execute(hanging)
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => policies.outcome(answering)))
    clock.stall(100)

    expect(outcomes.map(({ kind }) => kind)).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
    expect(breaker.snapshot()).toMatchObject({ state: 'open', health: { total: 4, errors: 4, isOpen: true } })
    expect(breaker.snapshot().latency.count).toBe(0)
  })

  it.each([
    ['success', 1, 0],
    ['failure', 1, 1],
    ['timeout', 1, 1],
    ['rejected', 1, 1],
    ['ignored', 0, 0],
    ['cancelled', 0, 0],
  ] as const)('counts a call that ended as %s', (kind, total, errors) => {
    const { clock, breaker } = likeHystrix(compat)
    end(breaker, kind)
    clock.stall(100)

    expect(breaker.snapshot()).toMatchObject({ total, failures: errors, health: { total, errors } })
    expect(breaker.snapshot().latency.count).toBe(kind === 'rejected' ? 0 : total)
  })

  it('cuts a percentage off as Hystrix does, even where 29 of 100 are 28 then', () => {
    const trip = errorRate({ percent: 29, volume: 100, windowMs: 1_000, buckets: 10 })
    const { clock, breaker } = likeHystrix(compat, { trip })
    end(breaker, ...Array.from({ length: 100 }, (_, index) => (index < 29 ? 'failure' : 'success')))
    clock.stall(100)

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', errorPercent: 28, health: { percent: 28 } })
  })

  it('serves synchronous work and exporters too', () => {
    using runtime = createRuntime()
    const { clock, breaker } = likeHystrix(compat, { name: 'users', runtime })
    const read = (): BreakerReading => [...runtime.instruments()][0]?.read() as BreakerReading
    const fail = (): never => {
      throw new Error('down')
    }
    expect(breaker.executeSync(() => 42)).toBe(42)
    for (let calls = 0; calls < 3; calls++) expect(() => breaker.executeSync(fail)).toThrow('down')
    clock.stall(100)

    expect(read()).toMatchObject({
      state: 'open',
      window: { requests: 4, errorRatio: 0.75 },
      openMs: 500,
      requestVolumeThreshold: 4,
    })
    expect(() => breaker.executeSync(() => 42)).toThrow('circuit "users" is open')
    expect(read()).toMatchObject({ rejections: 1 })
    breaker.dispose()
  })

  it('tells how its trial ended', async () => {
    using runtime = createRuntime()
    const { clock, breaker } = opened(compat, { name: 'users', runtime })
    clock.stall(501)
    await breaker.outcome(failing)

    expect([...runtime.instruments()][0]?.read()).toMatchObject({ probes: { failure: 1, success: 0 } })
    breaker.dispose()
  })
})
