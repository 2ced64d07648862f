import '@breakwater/testing/vitest'
import { CircuitOpenError, guard, isBreakwaterError, pipeline } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { acquire, answering, DOWN, end, failing, setUp, times } from './breaker-steps.model.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import { slowCalls } from './trip-rules.js'

const refusalOf = (breaker: CircuitBreaker): Promise<CircuitOpenError> =>
  breaker.execute(answering).then(
    () => {
      throw new Error('not refused')
    },
    (error: unknown) => error as CircuitOpenError,
  )

describe('a refusal', () => {
  it('says what is wrong, how long, why, and what to answer over HTTP', async () => {
    const { clock, breaker } = setUp({ name: 'users' })
    await breaker.outcome(failing)
    await clock.advance(100)

    const error = await refusalOf(breaker)

    expect(error).toBeInstanceOf(CircuitOpenError)
    expect(isBreakwaterError(error)).toBe(true)
    expect(error).toMatchObject({
      name: 'CircuitOpenError',
      code: 'ERR_CIRCUIT_OPEN',
      message: 'circuit "users" is open',
      status: 503,
      retryAfterMs: 900,
      headers: { 'retry-after': '1' },
    })
    expect(error.cause).toBe(DOWN)
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      code: 'ERR_CIRCUIT_OPEN',
      retryAfterMs: 900,
      cause: { message: 'down' },
    })
    breaker.dispose()
  })

  it('tells the time that is left when it is read', async () => {
    const { clock, breaker } = setUp()
    end(breaker, 'failure')
    const error = await refusalOf(breaker)

    await clock.advance(700)
    expect(error.retryAfterMs).toBe(300)
    await clock.advance(700)
    expect(error.retryAfterMs).toBe(0)
  })

  it('knows no time to wait for while it is forced, and no failure that led to it', async () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    breaker.forceOpen()

    const error = await refusalOf(breaker)

    expect(error.message).toBe('circuit is forced-open')
    expect(error.retryAfterMs).toBeUndefined()
    expect(error.headers).toBeUndefined()
    expect(error.cause).toBeUndefined()
  })

  it('forgets the failure of an incident that is over', async () => {
    const { clock, breaker } = setUp()
    await breaker.outcome(failing)
    await clock.advance(1_000)
    await breaker.execute(answering)

    breaker.openFor(100)

    expect((await refusalOf(breaker)).cause).toBeUndefined()
  })

  it('names no failure of long ago when slow calls have opened it', async () => {
    const { clock, breaker } = setUp({ trip: slowCalls({ slowerThanMs: 10, volume: 1, windowMs: 1_000 }) })
    await breaker.outcome(failing)
    acquire(breaker).settle('success', 20)
    expect((await refusalOf(breaker)).cause).toBe(DOWN)
    breaker.reset()

    await breaker.outcome(failing)
    clock.stall(1_000)
    acquire(breaker).settle('success', 20)

    expect((await refusalOf(breaker)).cause).toBeUndefined()
  })

  it('is one error for all calls of an open period, whichever way they came', async () => {
    const { clock, breaker } = setUp()
    end(breaker, 'failure')
    const admitAll = guard({ enter: () => undefined, exit: () => undefined })

    const first = await refusalOf(breaker)
    const others = [
      await refusalOf(breaker),
      breaker.tryAcquire(),
      (await breaker.outcome(answering)) as { error?: unknown },
      (await pipeline(admitAll, breaker).outcome(answering)) as { error?: unknown },
    ].map((refusal) => (refusal instanceof Error || !('error' in refusal) ? refusal : refusal.error))
    expect(others).toEqual(times(4, first))
    for (const other of others) expect(other).toBe(first)

    await clock.advance(1_000)
    end(breaker, 'failure')
    expect(await refusalOf(breaker)).not.toBe(first)
  })

  it('has no stack by default, and costs no handler that nobody wrote', async () => {
    const { breaker } = setUp()
    end(breaker, 'failure')

    const error = await refusalOf(breaker)

    expect(error.stack).toBe('CircuitOpenError: circuit is open')
  })

  it('is an error of its own with a stack for each call, on request', async () => {
    const { breaker } = setUp({ captureStack: true })
    end(breaker, 'failure')
    const seen: unknown[] = []
    breaker.on('rejected', ({ error }) => seen.push(error))

    const errors = [await refusalOf(breaker), await refusalOf(breaker), breaker.tryAcquire()]

    expect(new Set(errors).size).toBe(3)
    expect(seen).toEqual(errors)
    expect(seen[0]).toBe(errors[0])
    expect((errors[0] as CircuitOpenError).stack).toContain('\n    at ')
  })

  it('is counted, with or without listeners', async () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    await refusalOf(breaker)
    breaker.tryAcquire()
    breaker.on('rejected', () => undefined)
    await breaker.outcome(answering)

    expect(breaker.snapshot().rejections).toBe(3)
  })

  it('happens in every state that refuses, and says so', () => {
    const { clock, breaker } = setUp({ ramp: {} })
    const refusal = (): string => (breaker.tryAcquire() as CircuitOpenError).message
    end(breaker, 'failure')
    const messages = [refusal()]
    clock.stall(1_000)
    const trial = acquire(breaker)
    messages.push(refusal())
    trial.settle('success')
    acquire(breaker)
    messages.push(refusal())

    expect(messages).toEqual([
      'circuit is open',
      'circuit is half-open',
      'circuit is recovering: only a part of the calls is admitted',
    ])
  })

  it('is asked for anew when the open time changes, shorter or longer', async () => {
    const { clock, breaker } = setUp()
    end(breaker, 'failure')
    await refusalOf(breaker)

    breaker.openFor(300)
    await refusalOf(breaker)
    clock.stall(299)
    await refusalOf(breaker)
    breaker.openFor(200)
    clock.stall(199)
    await refusalOf(breaker)
    clock.stall(1)

    expect(await breaker.execute(answering)).toBe(await answering())
    expect(breaker.snapshot().rejections).toBe(4)
  })

  it('is told to those who begin to listen while it is open, and to nobody who has stopped', async () => {
    const { breaker } = setUp({ name: 'users' })
    end(breaker, 'failure')
    const heard: unknown[] = []
    const first = await refusalOf(breaker)
    const unsubscribe = breaker.on('rejected', ({ error }) => heard.push(error))

    for (const error of [await refusalOf(breaker), await refusalOf(breaker)]) expect(error).toBe(first)
    unsubscribe()
    await refusalOf(breaker)

    expect(heard).toEqual([first, first])
    expect(breaker.snapshot().rejections).toBe(4)
    breaker.dispose()
  })
})
