import { describe, expect, it } from 'vitest'
import { acquire, admits, edges, end, times, transitionsOf } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { CLASSIC, COMPATS, LEASED, likeHystrix, opened, TRI_STATE } from './hystrix-steps.model.js'
import { errorRate } from './trip-rules.js'

describe.each(COMPATS)('held states with compat %s', (compat) => {
  it('B14 forced-open wins over forced-closed, and what stands underneath comes to light again', () => {
    const { clock, breaker } = opened(compat)
    const transitions = transitionsOf(breaker)

    breaker.forceOpen()
    breaker.forceClosed()
    clock.stall(10_000)
    expect([breaker.state, admits(breaker)]).toEqual(['forced-open', false])
    expect(breaker.snapshot().retryAfterMs).toBe(Infinity)
    breaker.release()

    expect(breaker.state).toBe('open')
    expect(edges(transitions)).toEqual(['open > forced-open', 'forced-open > open'])
    expect(admits(breaker)).toBe(true)
  })

  it('do not keep it from opening underneath, seen when they are released', () => {
    const { clock, breaker } = likeHystrix(compat)
    breaker.forceClosed()
    end(breaker, 'failure', 'failure', 'failure', 'failure')
    clock.stall(150)
    end(breaker, 'failure')
    const transitions = transitionsOf(breaker)

    breaker.release()

    expect([breaker.state, admits(breaker)]).toEqual(['open', false])
    expect(edges(transitions)).toEqual(['forced-closed > open'])
  })

  it.each(['disable', 'observeOnly'] as const)(
    '%s lets nothing move, and health go on counting',
    (command) => {
      const { clock, breaker } = likeHystrix(compat)
      breaker[command]()
      end(breaker, ...times(6, 'failure' as const))
      clock.stall(900)
      end(breaker, 'success')
      clock.stall(100)

      expect(breaker.snapshot().health).toEqual({ total: 7, errors: 6, percent: 85, isOpen: false })
      breaker.release()
      clock.stall(100)
      expect(breaker.state).toBe('closed')
    },
  )

  it('disabled, it does not close by a success either', () => {
    const { clock, breaker } = opened(compat)
    clock.stall(501)
    const trial = acquire(breaker)
    breaker.disable()
    trial.settle('success')
    breaker.release()

    expect(breaker.state).toBe(compat === CLASSIC ? 'open' : 'half-open')
  })

  it('openFor opens for that long, or sets the end of the sleep window', () => {
    const { clock, breaker } = likeHystrix(compat)

    breaker.openFor(2_000)
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 2_000 })
    breaker.openFor(50)
    clock.stall(49)
    expect(admits(breaker)).toBe(false)
    clock.stall(1)
    if (compat !== LEASED) {
      expect(admits(breaker)).toBe(false)
      clock.stall(1)
    }
    expect(admits(breaker)).toBe(true)
  })

  it('openFor changes nothing while a state is held', () => {
    const { breaker } = likeHystrix(compat)
    breaker.forceClosed()
    breaker.openFor(2_000)
    breaker.release()

    expect(breaker.state).toBe('closed')
  })

  it('reset closes and forgets, whatever the state', () => {
    const { clock, breaker } = opened(compat)
    breaker.forceOpen()
    breaker.reset()
    clock.stall(100)

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', total: 0, consecutiveFailures: 0 })
    expect(admits(breaker)).toBe(true)
  })
})

describe('held states over a half-open breaker', () => {
  it.each<[string, (breaker: CircuitBreaker) => Promise<boolean>]>([
    ['by hand', (breaker) => Promise.resolve(admits(breaker))],
    ['by a pipeline', (breaker) => breaker.execute(() => true).catch(() => false)],
  ])('of 1.5.13 do not keep calls refused %s from opening it again', async (_, isAdmitted) => {
    const { clock, breaker } = opened(TRI_STATE)
    clock.stall(501)
    const trial = acquire(breaker)
    breaker.forceOpen()
    expect(await isAdmitted(breaker)).toBe(false)
    trial.settle('success')
    breaker.release()

    expect(breaker.state).toBe('open')
  })
})

describe.each(COMPATS)('what is saved with compat %s', (compat) => {
  it('is open for the rest of the time, with its counts', () => {
    const { clock, breaker } = opened(compat)
    clock.stall(200)
    const restore = JSON.parse(JSON.stringify(breaker.save())) as ReturnType<CircuitBreaker['save']>
    const again = new CircuitBreaker({ compat, openMs: 500, restore, clock })

    expect(again.snapshot()).toMatchObject({
      state: 'open',
      retryAfterMs: 300,
      health: { total: 4, errors: 4, isOpen: true },
      consecutiveFailures: 4,
    })
    clock.stall(301)
    end(again, 'success')
    expect(again.state).toBe('closed')
  })

  it('leaves the window when its time is over, also what was counted a moment ago', () => {
    const { clock, breaker } = likeHystrix(compat)
    end(breaker, 'failure', 'failure')
    const trip = errorRate({ percent: 50, volume: 4, windowMs: 1_000, buckets: 10 })
    const again = new CircuitBreaker({ compat, trip, restore: breaker.save(), clock })

    expect(again.snapshot().total).toBe(2)
    clock.stall(999)
    expect(again.snapshot().total).toBe(2)
    clock.stall(1)
    expect(again.snapshot().total).toBe(0)
  })

  it('is a sleep window that is over, of a trial elsewhere', () => {
    const { clock, breaker } = opened(TRI_STATE)
    clock.stall(501)
    acquire(breaker)
    const again = new CircuitBreaker({ compat, restore: breaker.save(), clock })
    clock.stall(1)

    expect(again.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 0 })
    expect(admits(again)).toBe(true)
  })

  it('is a held state, and the sleep window under it', () => {
    const { clock, breaker } = opened(compat)
    breaker.forceClosed()
    const again = new CircuitBreaker({ compat, restore: breaker.save(), clock })

    expect([again.state, admits(again)]).toEqual(['forced-closed', true])
    again.release()
    expect(again.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 500 })
  })

  it('serves a breaker of our own, and the other way round', () => {
    const { clock, breaker } = opened(compat)
    const ours = new CircuitBreaker({ restore: breaker.save(), clock })
    expect(ours.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 500, failures: 4 })

    const theirs = new CircuitBreaker({ compat, restore: ours.save(), clock })
    expect(theirs.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 500, failures: 4 })
  })
})

describe.each(COMPATS)('an update with compat %s', (compat) => {
  it('changes threshold and sleep window at once', () => {
    const { clock, breaker } = opened(compat)
    breaker.update({ openMs: 50, trip: errorRate({ percent: 50, volume: 5, windowMs: 1_000, buckets: 10 }) })
    clock.stall(51)
    end(breaker, 'success')
    expect(breaker.state).toBe('closed')

    end(breaker, 'failure', 'failure', 'failure')
    clock.stall(100)
    expect(breaker.state).toBe('closed')
    end(breaker, 'failure')
    clock.stall(100)
    expect(breaker.state).toBe('open')
  })

  it('changes window and buckets when it next closes', () => {
    const { clock, breaker } = opened(compat)
    breaker.update({ trip: errorRate({ percent: 50, volume: 4, windowMs: 2_000, buckets: 2 }) })
    clock.stall(100)
    expect(breaker.snapshot().total).toBe(4)
    clock.stall(401)
    end(breaker, 'success')
    clock.stall(1)
    end(breaker, 'success')
    clock.stall(998)
    expect(breaker.snapshot().total).toBe(1)
    clock.stall(1)

    expect(breaker.snapshot().total).toBe(2)
  })

  it('sees the call that closed it at once', () => {
    const { clock, breaker } = opened(compat)
    clock.stall(501)
    end(breaker, 'success')
    expect(breaker.snapshot().total).toBe(0)
    clock.stall(1)

    expect(breaker.snapshot().total).toBe(1)
  })
})

describe.each(COMPATS)('a permit of a breaker with compat %s', (compat) => {
  it('closes when the work has answered, and is counted when it is settled', () => {
    const { clock, breaker } = opened(compat)
    clock.stall(501)
    const trial = acquire(breaker)

    trial.workEnded('success')
    expect(breaker.state).toBe('closed')
    clock.stall(100)
    trial.settle('success')

    expect(breaker.snapshot().health).toMatchObject({ total: 0 })
    clock.stall(100)
    expect(breaker.snapshot().health).toMatchObject({ total: 1, errors: 0 })
  })

  it('counts how the work ended, whatever comes of the fallback, and once', () => {
    const { clock, breaker } = likeHystrix(compat)
    const permits = times(3, 0).map(() => acquire(breaker))
    for (const permit of permits) permit.workEnded('failure')
    clock.stall(150)
    expect(breaker.snapshot().health).toMatchObject({ total: 0 })

    permits[0]?.settle('success')
    permits[1]?.[Symbol.dispose]()
    permits[2]?.settle('cancelled')
    for (const permit of permits) {
      permit.workEnded('success')
      permit.settle('success')
    }
    clock.stall(100)

    expect(breaker.snapshot().health).toMatchObject({ total: 3, errors: 3 })
  })

  it('may be settled by whoever hears that the state has changed', () => {
    const { clock, breaker } = opened(compat)
    clock.stall(501)
    const trial = acquire(breaker)
    breaker.on('transition', () => trial.settle('success'))
    trial.workEnded('success')
    clock.stall(100)

    expect(breaker.snapshot().health).toMatchObject({ total: 1, errors: 0 })
  })
})

describe('a permit of a breaker of our own', () => {
  it('has one end', () => {
    const breaker = new CircuitBreaker()
    const permit = acquire(breaker)
    permit.workEnded('failure')
    permit.settle('success')

    expect(breaker.snapshot()).toMatchObject({ failures: 1, successes: 0 })
  })

  it('of begin, says why not, and whatever its end changes nothing', () => {
    const breaker = new CircuitBreaker()
    breaker.openFor(1_000)
    const refused = breaker.begin()
    expect(refused.refusal).toMatchObject({
      code: 'ERR_CIRCUIT_OPEN',
      retryAfterMs: expect.any(Number) as number,
    })
    refused.settle('failure')
    breaker.reset()
    using admitted = breaker.begin()

    expect(admitted.refusal).toBeUndefined()
    expect(breaker.snapshot()).toMatchObject({ failures: 0, rejections: 1 })
  })
})
