import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Call } from '../call.js'
import { guard } from '../guard.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

/** Counts the controllers that are made while `run` runs. */
async function controllersMadeBy(run: () => Promise<unknown>): Promise<number> {
  let made = 0
  const Real = AbortController
  vi.stubGlobal(
    'AbortController',
    class extends Real {
      constructor() {
        super()
        made++
      }
    },
  )
  await run()
  vi.unstubAllGlobals()
  return made
}

describe('the signal of a call', () => {
  it.each([
    ['work', () => new CircuitBreaker(), () => {}],
    [
      'fallback of a refused call',
      () => new CircuitBreaker(),
      (breaker: CircuitBreaker) => breaker.forceOpen(),
    ],
  ] as const)('is one, and for no other call, where nothing limits the %s', async (_who, make, prepare) => {
    const breaker = make()
    prepare(breaker)
    const answer = (call: Call): readonly AbortSignal[] => [call.signal, call.signal]
    const stack = pipeline(new Fallback({ chain: [(_cause, call) => answer(call)] }), breaker)
    const plain = breaker.state === 'closed' ? breaker : stack

    const [one, again] = await plain.execute(answer)
    const [other] = await plain.execute(answer)

    expect(again).toBe(one)
    expect(other).not.toBe(one)
    expect(one?.aborted).toBe(false)
  })

  it('is not made for work that never reads it', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      new Retry({ maxRetries: 1, backoff: constant({ ms: 1 }), clock }),
      new Timeout({ timeoutMs: 10, clock }),
    )

    const made = await controllersMadeBy(async () => {
      const error = errorOf(stack.execute(never))
      await clock.advance(100)
      await error
    })

    expect(made).toBe(0)
  })

  it('is made once however often it is read', async () => {
    const clock = new SimClock()

    const made = await controllersMadeBy(() =>
      new Timeout({ timeoutMs: 10, clock }).execute((call) => call.signal === call.signal),
    )

    expect(made).toBe(1)
  })

  it('T3: aborts once, with the error that the caller gets', async () => {
    const clock = new SimClock()
    const reasons: unknown[] = []
    const error = errorOf(
      new Timeout({ timeoutMs: 10, clock }).execute(({ signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        return never()
      }),
    )

    await clock.advance(100)

    expect(reasons).toEqual([await error])
    expect(reasons[0]).toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  it('T3: is aborted when first read after the time was over, also when the work has ended since', async () => {
    const clock = new SimClock()
    const end = deferred()
    let call: Call | undefined
    const error = errorOf(
      new Timeout({ timeoutMs: 10, clock }).execute((given) => {
        call = given
        return end.promise
      }),
    )

    await clock.advance(10)
    end.resolve()
    await clock.advance(10)

    expect(call?.signal.aborted).toBe(true)
    expect(call?.signal.reason).toBe(await error)
  })

  it('T3: is aborted when first read after the time was over, while the work still runs', async () => {
    const clock = new SimClock()
    let call: Call | undefined
    const error = errorOf(
      new Timeout({ timeoutMs: 10, clock }).execute((given) => {
        call = given
        return never()
      }),
    )

    await clock.advance(10)

    expect(call?.signal.reason).toBe(await error)
  })

  it('does not abort when the work ended by itself', async () => {
    const clock = new SimClock()
    let call: Call | undefined
    await errorOf(
      new Timeout({ timeoutMs: 10, clock }).execute((given) => {
        call = given
        expect(given.signal.aborted).toBe(false)
        throw new Error('down')
      }),
    )

    await clock.advance(100)

    expect(call?.signal.aborted).toBe(false)
  })

  it('belongs to one attempt only', async () => {
    const clock = new SimClock()
    const signals: AbortSignal[] = []
    const stack = pipeline(
      new Retry({ maxRetries: 1, backoff: constant({ ms: 1 }), clock }),
      new Timeout({ timeoutMs: 10, clock }),
    )
    const answer = stack.execute(({ attempt, signal }) => {
      signals.push(signal)
      return attempt === 1 ? never() : new Promise((resolve) => clock.io(15, () => resolve('second')))
    })

    await clock.advance(100)

    expect(await answer).toBe('second')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('aborts after guards, caller and slots know: its listeners see the final state', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, releaseOnTimeout: true, clock })
    const told: string[] = []
    const rule = guard({ enter: () => undefined, exit: (_call, { kind }) => told.push(kind) })
    let seen: unknown[] = []
    const error = errorOf(
      pipeline(rule, bulkhead, new Timeout({ timeoutMs: 10, clock })).execute(({ signal }) => {
        signal.addEventListener('abort', () => {
          seen = [...told, bulkhead.snapshot().running]
        })
        return never()
      }),
    )

    await clock.advance(10)

    await error
    expect(seen).toEqual(['timeout', 0])
  })
})
