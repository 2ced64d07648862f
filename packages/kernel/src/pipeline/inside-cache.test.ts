import { CircuitBreaker, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { Call } from '../call.js'
import { InvalidOptionsError } from '../errors.js'
import type { FallbackCause } from '../outcome.js'
import { pipeline, PolicyBase } from './pipeline.js'
import type { CachePart, CallEnd, Stage } from './stage.js'

/** Hands everything through, and notes what it sees. */
class Glass extends PolicyBase implements CachePart {
  readonly inputs: unknown[] = []
  override readonly stage: Stage = { slot: 'cache', part: this, describe: () => ({ kind: 'glass' }) }

  answer(run: (call: Call) => Promise<CallEnd>, call: Call, input: unknown): Promise<CallEnd> {
    this.inputs.push(input)
    return run(call)
  }
}

class Broken extends Glass {
  override answer(): never {
    throw new Error('no key')
  }
}

describe('a cache in a pipeline', () => {
  it('hands through answers, now and later, and failures, also thrown ones', async () => {
    const glass = new Glass()
    const boom = new Error('boom')

    expect(await glass.execute(() => 'now')).toBe('now')
    expect(await glass.execute(() => Promise.resolve('later'))).toBe('later')
    expect(await glass.outcome(() => Promise.reject(boom))).toEqual({ kind: 'failure', error: boom })
    expect(
      await glass.outcome(() => {
        throw boom
      }),
    ).toEqual({ kind: 'failure', error: boom })
  })

  it('sees the arguments of a wrapped function, also behind other policies', async () => {
    const glass = new Glass()
    const wrapped = pipeline(new Fallback({ chain: [() => 0] }), glass, new Retry()).wrap(
      (a: number, b: number) => a + b,
    )

    expect(await wrapped(1, 2)).toBe(3)
    await glass.execute(() => 1)

    expect(glass.inputs).toEqual([[1, 2], undefined])
  })

  it('tells a fallback outside of it how the call inside ended, and by which policy', async () => {
    const clock = new SimClock()
    const causes: FallbackCause[] = []
    const fallback = (): Fallback => new Fallback({ chain: [(cause) => causes.push(cause)] })
    const open = new CircuitBreaker({ clock })
    open.forceOpen()

    await pipeline(fallback(), new Glass(), open).execute(() => 1)
    const late = pipeline(fallback(), new Glass(), new Timeout({ timeoutMs: 5, clock })).execute(
      () => new Promise(() => undefined),
    )
    await clock.advance(5)
    await late

    expect(causes).toMatchObject([
      { kind: 'rejected', policy: 'breaker', error: { code: 'ERR_CIRCUIT_OPEN' } },
      { kind: 'timeout', policy: 'timeout', error: { code: 'ERR_TIMEOUT' } },
    ])
  })

  it('that throws fails the call', async () => {
    await expect(pipeline(new Broken(), new Retry()).execute(() => 1)).rejects.toThrow('no key')
  })

  it('with a fallback inside is refused: it would keep its answers as good ones', () => {
    expect(() => pipeline(new Glass(), new Fallback({ chain: [() => 0] }))).toThrow(InvalidOptionsError)
  })
})
