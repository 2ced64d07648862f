import { SimClock } from '@breakwater/testing'
import { expect, test, vi } from 'vitest'
import { CallerSignal } from './caller-signal.js'
import { ENDED_AS, endedAs } from './ended-as.js'
import { buildRunner } from './pipeline/pipeline.js'

class Caller extends CallerSignal {
  abort(reason: unknown): void {
    this.fire(reason)
  }
}

const asSignal = (caller: Caller): AbortSignal => caller as unknown as AbortSignal

test('a signal of our own ends the calls that it was given to, once, with its reason', async () => {
  const clock = new SimClock()
  const runner = buildRunner([], undefined)
  const caller = new Caller()

  const ends = [1, 2].map(() =>
    runner.outcome(() => new Promise(() => undefined), { signal: asSignal(caller) }),
  )
  caller.abort('enough')
  caller.abort('again')
  await clock.flush()

  expect(caller.reason).toBe('enough')
  expect(await Promise.all(ends)).toEqual([
    { kind: 'cancelled', error: 'enough' },
    { kind: 'cancelled', error: 'enough' },
  ])
})

test('a call under one that has fired does not start', async () => {
  const caller = new Caller()
  const work = vi.fn()
  caller.abort('enough')

  const outcome = await buildRunner([], undefined).outcome(work, { signal: asSignal(caller) })

  expect(outcome).toEqual({ kind: 'cancelled', error: 'enough' })
  expect(work).not.toHaveBeenCalled()
})

test('who has left hears nothing', () => {
  const caller = new Caller()
  caller.removeEventListener('abort', vi.fn())
  const [stays, leaves] = [vi.fn(), vi.fn()]
  caller.addEventListener('abort', leaves)
  caller.addEventListener('abort', stays)
  caller.removeEventListener('abort', leaves)
  caller.removeEventListener('abort', vi.fn())

  caller.abort('enough')

  expect(stays).toHaveBeenCalledOnce()
  expect(leaves).not.toHaveBeenCalled()
})

test('an error of ours says as what it counts, and no other does', () => {
  const late = Object.defineProperty(new Error('late'), ENDED_AS, { value: 'timeout' })

  expect([late, new Error('plain'), 'text', undefined, { [ENDED_AS]: 'timeout' }].map(endedAs)).toEqual([
    'timeout',
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
