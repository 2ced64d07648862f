import { SimClock } from '@breakwater/testing'
import { describe, expect, test, vi } from 'vitest'
import { ServerList } from './server-list.js'
import type { ServerListOptions } from './server-list.js'

function setup(load: ServerListOptions<string>['load']): {
  clock: SimClock
  list: ServerList<string>
  errors: Error[]
} {
  const clock = new SimClock()
  const errors: Error[] = []
  const list = new ServerList({
    clock,
    load,
    refreshMs: 300_000,
    limitMs: 5_000,
    onError: (error) => errors.push(error),
  })
  return { clock, list, errors }
}

describe('the list of servers', () => {
  test('is made once, for all who ask at the same time', async () => {
    const load = vi.fn(() => Promise.resolve(['a']))
    const { list } = setup(load)

    expect(await Promise.all([list.get(), list.get()])).toEqual([['a'], ['a']])
    expect(await list.get()).toEqual(['a'])

    expect(load).toHaveBeenCalledTimes(1)
    expect(list).toMatchObject({ size: 1, ageMs: 0 })
  })

  test('is made anew when it is old, while the old one is used', async () => {
    const load = vi.fn(() => Promise.resolve([String(load.mock.calls.length)]))
    const { clock, list } = setup(load)
    await list.get()
    await clock.advance(300_000)

    expect(await list.get()).toEqual(['1'])
    await clock.flush()
    expect(await list.get()).toEqual(['2'])
  })

  test('stays when it cannot be made anew, and is tried again after ten seconds at the earliest', async () => {
    const load = vi.fn(() =>
      load.mock.calls.length === 1 ? Promise.resolve(['a']) : Promise.reject(new Error('SERVFAIL')),
    )
    const { clock, list, errors } = setup(load)
    await list.get()
    await clock.advance(300_000)

    for (let request = 0; request < 5; request++) {
      expect(await list.get()).toEqual(['a'])
      await clock.advance(1_000)
    }
    expect(load).toHaveBeenCalledTimes(2)
    expect(errors).toMatchObject([{ code: 'ERR_REGISTRY_DNS', cause: { message: 'SERVFAIL' } }])

    await clock.advance(10_000)
    await list.get()
    expect(load).toHaveBeenCalledTimes(3)
  })

  test('has a limit of time, also when the lookup never ends', async () => {
    const { clock, list } = setup(() => new Promise(() => undefined))
    const getting = expect(list.get()).rejects.toMatchObject({ code: 'ERR_REGISTRY_DNS' })

    await clock.advance(5_000)

    await getting
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  test('ends its lookup when it is closed, and makes no other', async () => {
    let signal: AbortSignal | undefined
    const { clock, list, errors } = setup((given) => {
      signal = given
      return new Promise(() => undefined)
    })
    const getting = expect(list.get()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })

    list.close()

    await getting
    expect(signal?.aborted).toBe(true)
    await expect(list.get()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
    expect(errors).toEqual([])
    expect(clock.pending.timers).toBe(0)
  })
})
