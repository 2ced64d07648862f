import { AsyncLocalStorage } from 'node:async_hooks'
import { openRequestScope } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { startRuns, stateOf } from '../load.model.js'
import { createCollapser } from './collapser.js'
import { noted } from './collapser.model.js'

describe('callers of a collapser', () => {
  it('who leave before the batch does, are not in it', async () => {
    const subject = noted()
    const controller = new AbortController()
    const leaver = subject.collapser.load('a', { signal: controller.signal })
    const other = subject.collapser.load('b')

    controller.abort('bye')
    expect(await stateOf([leaver])).toEqual(['bye'])
    await subject.clock.advance(10)

    expect(subject.batches).toEqual([[10, ['b']]])
    expect(await other).toBe('v:b')
  })

  it('of the same request leave it to the others', async () => {
    const subject = noted()
    const controller = new AbortController()
    const leaver = subject.collapser.load('a', { signal: controller.signal })
    const other = subject.collapser.load('a')

    controller.abort('bye')
    expect(await stateOf([leaver])).toEqual(['bye'])
    await subject.clock.advance(10)

    expect(await other).toBe('v:a')
  })

  it('who all leave, leave nothing behind: the next one begins a window', async () => {
    const subject = noted()
    const controller = new AbortController()
    const leaver = subject.collapser.load('a', { signal: controller.signal })
    await subject.clock.advance(6)

    controller.abort('bye')
    expect(subject.clock.pending.timers).toBe(0)
    const next = subject.collapser.load('b')
    expect(await stateOf([leaver])).toEqual(['bye'])
    await subject.clock.advance(100)

    expect(subject.batches).toEqual([[16, ['b']]])
    expect(await next).toBe('v:b')
  })

  it('who leave when it is under way, do not end it, unless they are the last', async () => {
    const runs = startRuns()
    const subject = noted({ maxSize: 2, batch: (_requests, call) => runs.work(call) as Promise<string[]> })
    const controllers = [new AbortController(), new AbortController()]
    const loads = controllers.map(({ signal }, at) => subject.collapser.load(`${at}`, { signal }))

    controllers[0]?.abort('first')
    expect(subject.calls[0]?.signal.aborted).toBe(false)
    controllers[1]?.abort('last')
    expect(subject.calls[0]?.signal.reason).toBe('last')

    expect(await stateOf(loads)).toEqual(['first', 'last'])
    runs.fail(0, new Error('of nobody'))
    await subject.clock.advance(0)
  })

  it.each<[string, () => string[]]>([
    ['answered', () => ['v']],
    [
      'failed',
      () => {
        throw new Error('down')
      },
    ],
  ])('who leave before they hear that it has %s, abort nothing', async (_how, batch) => {
    const subject = noted({ maxSize: 1, batch })
    const controller = new AbortController()
    const leaver = subject.collapser.load('a', { signal: controller.signal })

    controller.abort('bye')

    expect(await stateOf([leaver])).toEqual(['bye'])
    expect(subject.calls[0]?.signal.aborted).toBe(false)
  })

  it('have a time of their own each; the batch has the longest', async () => {
    const subject = noted({ maxSize: 2, batch: () => new Promise(() => undefined) })
    const loads = [20, 50].map((budgetMs) =>
      subject.collapser.load(`${budgetMs}`, { budgetMs }).catch(codeOf),
    )

    expect(subject.calls[0]?.remainingMs()).toBe(50)
    await subject.clock.advance(20)
    expect(await loads[0]).toBe('ERR_DEADLINE_EXCEEDED')
    expect(subject.calls[0]?.signal.aborted).toBe(false)
    await subject.clock.advance(30)

    expect(await loads[1]).toBe('ERR_DEADLINE_EXCEEDED')
    expect(subject.calls[0]?.signal.aborted).toBe(true)
  })

  it('who are gone already, ask for nothing', async () => {
    const subject = noted()

    expect(await stateOf([subject.collapser.load('a', { signal: AbortSignal.abort('gone') })])).toEqual([
      'gone',
    ])
    expect(subject.clock.pending.timers).toBe(0)
  })

  it('whose key function throws get that', async () => {
    const boom = new Error('boom')
    const subject = noted({
      key: () => {
        throw boom
      },
    })

    expect(await stateOf([subject.collapser.load('a')])).toEqual([boom])
  })

  it('keep no listeners on their signals', async () => {
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')
    const subject = noted({ maxSize: 2 })

    await Promise.all([subject.collapser.load('a', { signal }), subject.collapser.load('b', { signal })])

    expect(add).toHaveBeenCalled()
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length)
  })
})

describe('the async context of a batch', () => {
  const who = new AsyncLocalStorage<string>()
  const make = (options: object): { load: (request: string) => Promise<unknown>; clock: SimClock } => {
    const clock = new SimClock()
    const batch = (requests: readonly string[]): unknown[] => requests.map(() => who.getStore() ?? 'nobody')
    const collapser = createCollapser({ batch, clock, maxSize: 2, ...options })
    return { clock, load: (request) => collapser.load(request) }
  }

  it.each([1, 2])('of one request is that of its first load, also of %s', async (size) => {
    const { load, clock } = make({})
    const scope = openRequestScope()
    const loads = ['ann', 'bob']
      .slice(0, size)
      .map((name) => scope.run(() => who.run(name, () => load(name))))

    await clock.advance(10)

    expect(await Promise.all(loads)).toEqual(['ann', 'ann'].slice(0, size))
  })

  it.each([1, 2])('of the whole process is that of nobody, also of %s', async (size) => {
    const { load, clock } = make({ scope: 'process' })
    const loads = ['ann', 'bob'].slice(0, size).map((name) => who.run(name, () => load(name)))

    await clock.advance(10)

    expect(await Promise.all(loads)).toEqual(['nobody', 'nobody'].slice(0, size))
  })

  it('of the whole process is that of its first load ever where Hystrix is followed', async () => {
    const { load, clock } = make({ scope: 'process', compat: 'hystrix-1.5.18' })
    const ask = async (name: string): Promise<unknown> => {
      const answer = who.run(name, () => load(name))
      await clock.advance(10)
      return answer
    }

    expect([await ask('ann'), await ask('bob')]).toEqual(['ann', 'ann'])
  })
})

const codeOf = (error: unknown): unknown => (error as { code?: string }).code
