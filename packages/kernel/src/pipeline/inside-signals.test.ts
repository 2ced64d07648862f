import { Timeout } from '@breakwater/breaker'
import { describe, expect, it, vi } from 'vitest'
import type { Call, CallOptions, Work } from '../call.js'
import { RateLimitedError } from '../errors.js'
import type { Policy } from '../policy.js'
import { deferred } from './deferred.model.js'
import { buildRunner, pipeline, PolicyBase } from './pipeline.js'
import type { CachePart, CallEnd, Stage } from './stage.js'

const TIMEOUT = new Timeout({ timeoutMs: 60_000 })

/** A cache that answers as it is told. */
class Told extends PolicyBase implements CachePart {
  override readonly stage: Stage = { slot: 'cache', part: this, describe: () => ({ kind: 'told' }) }

  constructor(readonly answer: CachePart['answer']) {
    super()
  }
}

describe('a cache', () => {
  it('may answer from memory: a value, or a failure with the policy that ended the run', async () => {
    const error = new RateLimitedError('closed')
    const ends: CallEnd[] = [
      { outcome: { kind: 'success', value: 1 } },
      { outcome: { kind: 'rejected', error }, policy: 'rate-limiter' },
    ]
    const runner = (): Policy<unknown> => new Told(() => ends.shift()!)
    const work = vi.fn()

    expect(await runner().execute(work)).toBe(1)
    expect(await runner().outcome(work)).toEqual({ kind: 'rejected', error })
    expect(work).not.toHaveBeenCalled()
  })

  it('may end a run that nobody waits for: what is inside hears of it', async () => {
    const controller = new AbortController()
    const shared = { attempt: 1, signal: controller.signal, remainingMs: () => Infinity } as Call
    const seen = deferred<Call>()
    const cached = pipeline(new Told((run) => run(shared)), TIMEOUT)
    const outcome = cached.outcome((call) => {
      seen.resolve(call)
      return new Promise(() => undefined)
    })
    const { signal } = await seen.promise

    controller.abort('nobody is there')

    expect(signal.aborted).toBe(true)
    expect(await outcome).toEqual({ kind: 'cancelled', error: 'nobody is there' })
  })
})

describe('a policy that is not ours', () => {
  it.each([
    ['around the work', (foreign: Policy<unknown>) => foreign],
    [
      'around another policy',
      (foreign: Policy<unknown>) => pipeline(foreign, new Timeout({ timeoutMs: 60_000 })),
    ],
  ])('%s hands on the caller’s signal', async (_, make) => {
    const controller = new AbortController()
    const given: (AbortSignal | undefined)[] = []
    const foreign = {
      execute: (work: Work<unknown>, options?: CallOptions) => {
        given.push(options?.signal)
        return Promise.resolve(work({} as Call))
      },
    }
    const seen = deferred<Call>()
    const policy = pipeline(TIMEOUT, make(foreign as Policy<unknown>))
    const outcome = policy.outcome(
      (call) => {
        seen.resolve(call)
        return new Promise(() => undefined)
      },
      { signal: controller.signal },
    )
    const { signal } = await seen.promise

    controller.abort('mine')

    expect([given[0]?.aborted, signal.aborted, signal.reason]).toEqual([true, true, 'mine'])
    expect(await outcome).toEqual({ kind: 'cancelled', error: 'mine' })
  })
})

describe('work', () => {
  it('is given its call alone, and an input as well where there is one', async () => {
    const runner = buildRunner([], undefined)
    const count = (...args: unknown[]): unknown[] => [args.length, args[1]]

    expect(await runner.execute(count, undefined)).toEqual([1, undefined])
    expect(await runner.execute(count, undefined, 'input')).toEqual([2, 'input'])
    expect(await runner.outcome(count, {}, null)).toEqual({ kind: 'success', value: [2, null] })
  })

  it('may answer with a function that can be awaited', async () => {
    const thenable = Object.assign(() => 0, { then: (resolve: (value: number) => void) => resolve(7) })

    expect(await pipeline().execute(() => thenable as never)).toBe(7)
    expect(await TIMEOUT.execute(() => thenable as never)).toBe(7)
    expect(await TIMEOUT.outcome(() => thenable as never)).toEqual({ kind: 'success', value: 7 })
  })

  it('that is none is told where it was given', async () => {
    await expect(pipeline().execute(5 as never)).rejects.toThrow(/execute.*work|work.*execute/s)
  })
})
