import { describe, expect, it } from 'vitest'
import { InvalidOptionsError } from '@breakwater/kernel'
import { arrive, boom, noted } from './collapser.model.js'

describe('listeners that act while a batch leaves', () => {
  it('C4: may make all of it leave: then there is no batch', async () => {
    const subject = noted({ windowMs: 10 })
    const caller = new AbortController()
    subject.collapser.on('batch', () => caller.abort(boom))
    const load = subject.collapser.load('a', { signal: caller.signal }).catch((error: unknown) => error)
    await subject.clock.advance(10)

    expect(await load).toBe(boom)
    expect(subject.batches).toEqual([])
  })

  it('C1: may begin the next batch and make this one leave: the next one goes on', async () => {
    const subject = noted({ windowMs: 10 })
    const caller = new AbortController()
    let next: Promise<string> | undefined
    subject.collapser.on('batch', () => {
      next ??= subject.collapser.load('b')
      caller.abort(boom)
    })
    const load = subject.collapser.load('a', { signal: caller.signal }).catch((error: unknown) => error)
    await subject.clock.advance(20)

    expect([await load, await next]).toEqual([boom, 'v:b'])
    expect(subject.batches).toEqual([[20, ['b']]])
  })
})

describe('options of a collapser that are functions', () => {
  it('are asked for each new batch, and for each request that is there already', async () => {
    let [size, duplicates] = [2, 'share' as 'share' | 'reject']
    const subject = noted({ windowMs: 10, maxSize: () => size, duplicates: () => duplicates })
    await arrive(subject, [
      [0, 'a'],
      [1, 'a'],
      [2, 'b'],
    ])
    await arrive(subject, [[3, 'c']])
    ;[size, duplicates] = [3, 'reject']
    await arrive(subject, [
      [4, 'd'],
      [5, 'e'],
      [6, 'f'],
    ])
    await expect(subject.collapser.load('f')).rejects.toBeInstanceOf(InvalidOptionsError)
    await subject.clock.advance(20)

    expect(subject.batches).toEqual([
      [2, ['a', 'b']],
      [4, ['c', 'd']],
      [15, ['e', 'f']],
    ])
  })

  it('C1: may make a request themselves: it is in the batch that they are asked for', async () => {
    let nested: Promise<string> | undefined
    const maxSize = (): number => {
      if (nested === undefined) {
        nested = Promise.resolve('')
        nested = subject.collapser.load('b')
      }
      return 5
    }
    const subject = noted({ windowMs: 10, maxSize })
    const load = subject.collapser.load('a')
    await subject.clock.advance(10)

    expect([await load, await nested]).toEqual(['v:a', 'v:b'])
    expect(subject.batches).toEqual([[10, ['b', 'a']]])
  })

  it('C2: may fill the batch that they are asked for: with compat the request that does not fit sends it', async () => {
    let nested: Promise<string> | undefined
    const maxSize = (): number => {
      if (nested === undefined) {
        nested = Promise.resolve('')
        nested = subject.collapser.load('b')
      }
      return 1
    }
    const subject = noted({ compat: 'hystrix-1.5.18', windowMs: 10, maxSize })
    const load = subject.collapser.load('a')
    await subject.clock.advance(10)

    expect([await load, await nested]).toEqual(['v:a', 'v:b'])
    expect(subject.batches).toEqual([
      [0, ['b']],
      [10, ['a']],
    ])
  })

  it.each([0, 1.5, NaN, '5', undefined, 2 ** 31])('fail the load when a size is %s', async (size) => {
    const subject = noted({ maxSize: () => size as never })

    await expect(subject.collapser.load('a')).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTIONS',
      issues: [{ path: 'maxSize' }],
    })
    expect(subject.clock.pending.timers).toBe(0)
  })

  it('fail the load when they throw', async () => {
    const throwing = (): never => {
      throw boom
    }
    await expect(noted({ maxSize: throwing }).collapser.load('a')).rejects.toBe(boom)
    const subject = noted({ duplicates: throwing })
    const first = subject.collapser.load('a')
    await expect(subject.collapser.load('a')).rejects.toBe(boom)
    await subject.clock.advance(20)
    expect(await first).toBe('v:a')
  })

  it('may say what Hystrix says for no limit', async () => {
    const subject = noted({ maxSize: 2 ** 31 - 1 })
    await arrive(subject, [[0, 'a']])
    await subject.clock.advance(20)
    expect(subject.batches).toEqual([[10, ['a']]])
  })
})

it('C2: a batch that fills the next one while it makes room for a request fills it no further', async () => {
  let nested: Promise<string> | undefined
  const batch = (requests: readonly string[]): string[] => {
    nested ??= subject.collapser.load('c')
    return requests.map((request) => `v:${request}`)
  }
  const subject = noted({ compat: 'hystrix-1.5.18', maxSize: 1, batch })
  const loads = [subject.collapser.load('a'), subject.collapser.load('b')]
  await subject.clock.advance(10)

  expect([await Promise.all(loads), await nested]).toEqual([['v:a', 'v:b'], 'v:c'])
  expect(subject.batches).toEqual([
    [0, ['a']],
    [0, ['c']],
    [10, ['b']],
  ])
})
