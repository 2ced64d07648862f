import { CircuitBreaker } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { describe, expect, it, vi } from 'vitest'
import type { Call } from '../call.js'
import type { FallbackCause } from '../outcome.js'
import { never } from './deferred.model.js'
import { metered } from './metered.model.js'
import { countingMeter } from './counting-meter.model.js'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'

const boom = new Error('boom')
const fallbacks: [string, () => Fallback | undefined][] = [
  ['no fallback', () => undefined],
  [
    'a fallback that answers at once',
    () => new Fallback({ chain: [({ policy, attempt }) => [policy, attempt]] }),
  ],
  ['a fallback that answers later', () => new Fallback({ chain: [() => Promise.resolve('later')] })],
  [
    'a fallback that throws',
    () =>
      new Fallback({
        chain: [
          () => {
            throw boom
          },
        ],
      }),
  ],
  ['a fallback that rejects', () => new Fallback({ chain: [() => Promise.reject(boom)] })],
  ['a fallback that is full', () => new Fallback({ chain: [() => 1], limit: 0 })],
  ['a fallback that is not there for this', () => new Fallback({ chain: [() => 1], when: () => false })],
]

/** What one call of an open breaker comes to: with options it goes the long way. */
async function callOpen(fallback: Fallback | undefined, isShort: boolean): Promise<unknown> {
  const breaker = new CircuitBreaker()
  breaker.forceOpen()
  const refused = vi.fn()
  breaker.on('rejected', refused)
  const meter = countingMeter()
  const stages = [...(fallback === undefined ? [] : [fallback]), breaker].flatMap((policy, index) =>
    stagesOf(policy, index),
  )
  const work = vi.fn()
  const [end] = await Promise.allSettled([
    buildRunner([meter.stage, ...stages], 'users').execute(work, isShort ? undefined : {}),
  ])
  expect(work).not.toHaveBeenCalled()
  const { rejections } = breaker.snapshot()
  const error: unknown = end.status === 'rejected' ? end.reason : undefined
  const why = error as
    { code: string; cause?: { code?: string }; fallbackError?: { code?: string } } | undefined
  return {
    value: end.status === 'fulfilled' ? end.value : undefined,
    codes: [why?.code, why?.cause?.code, why?.fallbackError?.code],
    sums: meter.sums,
    refusals: [rejections, refused.mock.calls.length],
    running: fallback?.running,
  }
}

describe('a call that an open breaker refuses', () => {
  it.each(fallbacks)(
    'with %s comes to the same by the short way and by the long one',
    async (_name, make) => {
      const short = await callOpen(make(), true)

      expect(short).toEqual(await callOpen(make(), false))
      expect(short).toMatchObject({ sums: { started: 1, ended: 1, rejected: 1 }, refusals: [1, 1] })
    },
  )

  it('gets the very error that a listener hears, and handles it alone: nothing else is left unhandled', async () => {
    const breaker = new CircuitBreaker({ name: 'users' })
    breaker.forceOpen()
    const heard: unknown[] = []
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    breaker.on('rejected', ({ error }) => heard.push(error))

    const settled = await Promise.allSettled([breaker.execute(never), breaker.execute(never)])
    await new Promise(setImmediate)
    process.off('unhandledRejection', note)
    breaker.dispose()

    expect(settled.map((end) => end.status === 'rejected' && end.reason === heard[0])).toEqual([true, true])
    expect(unhandled).toEqual([])
  })

  it('shows its fallback the name of the pipeline', async () => {
    const breaker = new CircuitBreaker({ name: 'users' })
    breaker.forceOpen()
    const { outcome } = metered(new Fallback({ chain: [(_cause, { name }) => name] }), breaker)

    expect(await outcome(never, undefined)).toEqual({ kind: 'success', value: 'users' })
    breaker.dispose()
  })

  it('shows it a call without limits', async () => {
    const breaker = new CircuitBreaker()
    breaker.forceOpen()
    const calls: Call[] = []
    const fallback = new Fallback({ chain: [(_cause, call) => calls.push(call)] })

    const guarded = pipeline(fallback, breaker)
    expect(await guarded.execute(never)).toBe(1)
    const [first] = calls as [Call]

    expect(first).toMatchObject({ attempt: 1, deadline: undefined, name: undefined })
    expect(first.remainingMs()).toBe(Infinity)
    expect(first.signal.aborted).toBe(false)
  })

  it('shows it one frozen cause for as long as it is refused for the same', async () => {
    const breaker = new CircuitBreaker()
    breaker.forceOpen()
    const causes: FallbackCause[] = []
    const guarded = pipeline(new Fallback({ chain: [(cause) => causes.push(cause)] }), breaker)

    await guarded.execute(never)
    await guarded.execute(never)
    breaker.release()
    breaker.forceOpen()
    await guarded.execute(never)

    expect(causes.every((cause) => Object.isFrozen(cause))).toBe(true)
    expect(causes[1]).toBe(causes[0])
    expect(causes[2]?.error).not.toBe(causes[0]?.error)
    expect(causes[2]).toMatchObject({ kind: 'rejected', policy: 'breaker', attempt: 1 })
  })
})
