import { AsyncLocalStorage } from 'node:async_hooks'
import { openRequestScope } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../load.model.js'
import { arrive, boom, loadAt, noted } from './collapser.model.js'

const compat = 'hystrix-1.5.18'

describe('a collapser that follows Hystrix', () => {
  it('departs at a fixed rate from the first request on (S30)', async () => {
    const subject = noted({ compat, windowMs: 100 })

    await arrive(subject, [
      [10, 'a'],
      [12, 'b'],
      [190, 'c'],
      [500, 'd'],
    ])
    await subject.clock.advance(1_000)

    expect(subject.batches).toEqual([
      [110, ['a', 'b']],
      [210, ['c']],
      [510, ['d']],
    ])
  })

  it('sends a full batch when the request comes that does not fit (S31)', async () => {
    const subject = noted({ compat, windowMs: 200, maxSize: 2 })
    const events: unknown[] = []
    subject.collapser.on('batch', ({ size, reason }) => events.push([size, reason]))

    const answers = await loadAt(subject, [
      [10, 'a'],
      [20, 'b'],
      [30, 'c'],
      [40, 'd'],
      [50, 'e'],
    ])
    await subject.clock.advance(1_000)

    expect(subject.batches).toEqual([
      [30, ['a', 'b']],
      [50, ['c', 'd']],
      [210, ['e']],
    ])
    expect(events).toEqual([
      [2, 'overflow'],
      [2, 'overflow'],
      [1, 'window'],
    ])
    expect(await Promise.all(answers)).toEqual(['v:a', 'v:b', 'v:c', 'v:d', 'v:e'])
  })

  it('lets a request that is in a full batch already share its answer (S32)', async () => {
    const subject = noted({ compat, windowMs: 100, maxSize: 2 })

    await arrive(subject, [
      [10, 'a'],
      [12, 'b'],
      [14, 'a'],
    ])
    await subject.clock.advance(1_000)

    expect(subject.batches).toEqual([[110, ['a', 'b']]])
  })

  it('sends what overflows in the context of the request that does not fit', async () => {
    const who = new AsyncLocalStorage<string>()
    const subject = noted({
      compat,
      maxSize: 1,
      batch: (requests) => requests.map(() => who.getStore() ?? 'nobody'),
    })

    const loads = ['ann', 'bob'].map((name) => who.run(name, () => subject.collapser.load(name)))
    await subject.clock.advance(10)

    expect(await Promise.all(loads)).toEqual(['bob', 'ann'])
  })

  it('keeps the answers that were set before mapping failed (S35)', async () => {
    const subject = noted({
      compat,
      *batch(requests): Generator<readonly [string, string]> {
        yield [String(requests[0]), 'v']
        throw boom
      },
    })

    const answers = await loadAt(subject, [
      [0, 'a'],
      [0, 'b'],
      [0, 'c'],
    ])
    await subject.clock.advance(10)

    expect(await Promise.all(answers)).toEqual(['v', boom, boom])
  })

  it('fails what waits when its request ends, and runs no batch (S38)', async () => {
    const subject = noted({ compat, windowMs: 100, scope: 'request' })
    const scope = openRequestScope()
    const loads = ['a', 'b'].map((request) => scope.run(() => subject.collapser.load(request)))

    scope.end()

    expect(await stateOf(loads)).toMatchObject([{ reason: 'ended' }, { reason: 'ended' }])
    await subject.clock.advance(1_000)
    expect(subject.batches).toEqual([])
  })

  it('makes one batch for all requests, or one for each (S39, S40)', async () => {
    for (const [scope, expected] of [
      ['process', [['a', 'b']]],
      ['request', [['a'], ['b']]],
    ] as const) {
      const subject = noted({ compat, scope })
      for (const request of ['a', 'b']) void openRequestScope().run(() => subject.collapser.load(request))

      await subject.clock.advance(10)

      expect(subject.batches.map(([, requests]) => requests)).toEqual(expected)
    }
  })
})
