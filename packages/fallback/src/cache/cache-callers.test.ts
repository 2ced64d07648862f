import { pipeline } from '@breakwater/kernel'
import { Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { startRuns, stateOf } from '../load.model.js'
import { RequestCache } from './request-cache.js'
import { StaleCache } from './stale-cache.js'

const inProcess = (clock = new SimClock()): RequestCache =>
  new RequestCache({ scope: 'process', ttlMs: 1_000, clock })

describe('callers who share a call', () => {
  it('may leave it to the others', async () => {
    const runs = startRuns()
    const cache = inProcess()
    const controller = new AbortController()
    const leaver = cache.load('k', runs.work, { signal: controller.signal })
    const other = cache.load('k', runs.work)

    controller.abort('bye')
    expect(await stateOf([leaver, other])).toEqual(['bye', 'pending'])
    expect(runs.calls[0]?.signal.aborted).toBe(false)
    await runs.answer(0, 'answer')

    expect(await other).toBe('answer')
    expect(cache.size).toBe(1)
  })

  it('end it when the last one leaves, with his reason; who comes then has a new one', async () => {
    const runs = startRuns()
    const cache = inProcess()
    const controllers = [new AbortController(), new AbortController()]
    const leavers = controllers.map(({ signal }) => cache.load('k', runs.work, { signal }))

    controllers[0]?.abort('first')
    expect(runs.calls[0]?.signal.aborted).toBe(false)
    controllers[1]?.abort('last')
    const next = cache.load('k', runs.work)

    expect(runs.calls[0]?.signal.reason).toBe('last')
    expect(await stateOf([...leavers, next])).toEqual(['first', 'last', 'pending'])
    await runs.answer(0, 'of nobody')
    await runs.answer(1, 'answer')
    expect(await stateOf([next, cache.load('k', runs.work)])).toEqual(['answer', 'answer'])
  })

  it('have a time of their own each', async () => {
    const clock = new SimClock()
    const runs = startRuns()
    const cache = inProcess(clock)
    const [short, long] = [20, 50].map((budgetMs) => cache.load('k', runs.work, { budgetMs }).catch(codeOf))
    const call = runs.calls[0]

    expect([call?.deadline, call?.remainingMs()]).toEqual([50, 50])
    await clock.advance(20)
    expect(await short).toBe('ERR_DEADLINE_EXCEEDED')
    expect(call?.signal.aborted).toBe(false)
    const patient = cache.load('k', runs.work)
    expect([call?.deadline, call?.remainingMs()]).toEqual([undefined, Infinity])
    await clock.advance(100)
    expect(await long).toBe('ERR_DEADLINE_EXCEEDED')
    await runs.answer(0, 'answer')

    expect(await patient).toBe('answer')
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  it('share the limits inside', async () => {
    const clock = new SimClock()
    const runs = startRuns()
    const cache = new RequestCache({ scope: 'process', key: () => 'k', clock })
    const policy = pipeline(cache, new Timeout({ timeoutMs: 30, clock }))

    const both = [policy.execute(runs.work).catch(codeOf), policy.execute(runs.work).catch(codeOf)]
    await clock.advance(30)

    expect(await Promise.all(both)).toEqual(['ERR_TIMEOUT', 'ERR_TIMEOUT'])
    expect(runs.calls).toHaveLength(1)
    expect(runs.calls[0]?.signal.aborted).toBe(true)
  })

  it('who are gone before it starts, start nothing', async () => {
    const controller = new AbortController()
    const cache = inProcess()
    cache.on('miss', () => controller.abort('bye'))
    const work = vi.fn()

    expect(await stateOf([cache.load('k', work, { signal: controller.signal })])).toEqual(['bye'])
    expect(work).not.toHaveBeenCalled()
  })

  it('leave no listeners on their signals', async () => {
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const remove = vi.spyOn(signal, 'removeEventListener')

    for (const cache of [inProcess(), new StaleCache()]) {
      await Promise.all([cache.load('k', () => 1, { signal }), cache.load('k', () => 1, { signal })])
    }

    expect(add).toHaveBeenCalled()
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length)
  })
})

const codeOf = (error: unknown): unknown => (error as { code?: string }).code
