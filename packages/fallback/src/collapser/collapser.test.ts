import { InvalidOptionsError, openRequestScope, RequestScopeError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { stateOf } from '../load.model.js'
import { createCollapser } from './collapser.js'
import { arrive, loadAt, noted } from './collapser.model.js'

describe('a batch', () => {
  it('gathers from its first request on for the time of its window', async () => {
    const subject = noted({ windowMs: 10 })

    const answers = await loadAt(subject, [
      [0, 'a'],
      [9, 'b'],
      [12, 'c'],
    ])
    await subject.clock.advance(100)

    expect(subject.batches).toEqual([
      [10, ['a', 'b']],
      [22, ['c']],
    ])
    expect(await Promise.all(answers)).toEqual(['v:a', 'v:b', 'v:c'])
    expect(subject.clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  it('leaves at once when it is full', async () => {
    const subject = noted({ windowMs: 10, maxSize: 2 })
    const events: unknown[] = []
    subject.collapser.on('batch', (event) => events.push(event))

    await arrive(subject, [
      [3, 'a'],
      [3, 'b'],
      [3, 'c'],
    ])
    expect(subject.batches).toEqual([[3, ['a', 'b']]])
    await subject.clock.advance(10)

    expect(subject.batches).toEqual([
      [3, ['a', 'b']],
      [13, ['c']],
    ])
    expect(events).toEqual([
      { size: 2, reason: 'full' },
      { size: 1, reason: 'window' },
    ])
  })

  it('with a window of 0 leaves as soon as the loop turns', async () => {
    const subject = noted({ windowMs: 0 })

    const answers = ['a', 'b'].map((request) => subject.collapser.load(request))
    expect(subject.batches).toEqual([])
    await subject.clock.advance(0)

    expect(subject.batches).toEqual([[0, ['a', 'b']]])
    expect(await Promise.all(answers)).toEqual(['v:a', 'v:b'])
  })

  it('of its own goes with each shard', async () => {
    const subject = noted({ shard: (request) => request.slice(0, 1), maxSize: 2 })

    await arrive(subject, [
      [0, 'a1'],
      [0, 'b1'],
      [0, 'a2'],
    ])
    await subject.clock.advance(10)

    expect(subject.batches).toEqual([
      [0, ['a1', 'a2']],
      [10, ['b1']],
    ])
  })

  it('may be asked for by another batch', async () => {
    const subject = noted({
      maxSize: 1,
      batch: ([request]) => [request === 'a' ? subject.collapser.load('b') : 'b itself'] as never,
    })

    const answers = await loadAt(subject, [[0, 'a']])

    expect(await (await Promise.all(answers))[0]).toBe('b itself')
  })
})

describe('the same request twice', () => {
  it('shares one answer, and counts once', async () => {
    const subject = noted({ maxSize: 2 })

    const answers = await loadAt(subject, [
      [0, 'a'],
      [1, 'a'],
      [2, 'b'],
    ])

    expect(subject.batches).toEqual([[2, ['a', 'b']]])
    expect(await Promise.all(answers)).toEqual(['v:a', 'v:a', 'v:b'])
  })

  it('fails at once where it is said so', async () => {
    const subject = noted({ duplicates: 'reject' })

    const [first, second] = await loadAt(subject, [
      [0, 'a'],
      [0, 'a'],
    ])
    expect(await second).toBeInstanceOf(InvalidOptionsError)
    await subject.clock.advance(10)

    expect(await first).toBe('v:a')
    expect(subject.batches).toEqual([[10, ['a']]])
  })

  it('is what the key says', async () => {
    const seen: unknown[] = []
    const collapser = createCollapser({
      scope: 'process',
      maxSize: 2,
      key: ({ id }: { id: number }) => id,
      batch: (requests) => {
        seen.push(requests)
        return new Map(requests.map(({ id }) => [id, `user ${String(id)}`]))
      },
    })

    const answers = [{ id: 1 }, { id: 1 }, { id: 2 }].map((request) => collapser.load(request))

    expect(await Promise.all(answers)).toEqual(['user 1', 'user 1', 'user 2'])
    expect(seen).toEqual([[{ id: 1 }, { id: 2 }]])
  })

  it('may be nothing', async () => {
    const collapser = createCollapser<undefined, string>({
      scope: 'process',
      maxSize: 1,
      batch: () => ['nothing'],
    })

    expect(await collapser.load(undefined)).toBe('nothing')
  })

  it('in a later batch is asked again', async () => {
    const subject = noted({ maxSize: 1 })

    await arrive(subject, [
      [0, 'a'],
      [1, 'a'],
    ])

    expect(subject.batches).toHaveLength(2)
  })
})

describe('requests to the process', () => {
  it('have batches of their own each', async () => {
    const subject = noted({ scope: 'request' })
    const [one, other] = [openRequestScope(), openRequestScope()]

    const answers = [
      one.run(() => subject.collapser.load('a')),
      other.run(() => subject.collapser.load('a')),
      one.run(() => subject.collapser.load('b')),
    ]
    await subject.clock.advance(10)

    expect(subject.batches).toEqual([
      [10, ['a', 'b']],
      [10, ['a']],
    ])
    expect(await Promise.all(answers)).toEqual(['v:a', 'v:a', 'v:b'])
  })

  it('that are none are refused', async () => {
    const subject = noted({ scope: 'request' })
    const scope = openRequestScope()
    scope.end()

    const errors = await stateOf([subject.collapser.load('a'), scope.run(() => subject.collapser.load('a'))])

    expect(errors.map((error) => error instanceof RequestScopeError && error.reason)).toEqual([
      'missing',
      'ended',
    ])
  })

  it('that end fail what waits for a batch, not what is under way', async () => {
    const subject = noted({ scope: 'request', maxSize: 2, batch: () => new Promise(() => undefined) })
    const scope = openRequestScope()
    const load = (request: string): Promise<string> => scope.run(() => subject.collapser.load(request))
    const answers = ['a', 'b', 'c', 'd', 'e'].map(load)

    scope.end()
    const states = await stateOf(answers)

    expect(states.slice(0, 4)).toEqual(['pending', 'pending', 'pending', 'pending'])
    expect(states[4]).toMatchObject({ code: 'ERR_REQUEST_SCOPE', reason: 'ended' })
    expect(subject.clock.pending.timers).toBe(0)
  })
})

describe('the options of a collapser', () => {
  it.each<[unknown, string[]]>([
    [undefined, ['batch']],
    [{ batch: [] }, ['batch']],
    [{ batch: () => [], windowMs: -1, maxSize: 0 }, ['windowMs', 'maxSize']],
    [{ batch: () => [], scope: 'global', duplicates: true }, ['scope', 'duplicates']],
    [
      { batch: () => [], key: 'id', shard: 2, compat: 'hystrix', name: 1 },
      ['key', 'shard', 'compat', 'name'],
    ],
    [{ batch: () => [], window: 5 }, ['window']],
  ])('%o: every fault in one error', (options, paths) => {
    let found: string[] = []
    try {
      createCollapser(options as never)
    } catch (error) {
      found = (error as InvalidOptionsError).issues.map(({ path }) => path)
    }

    expect(found).toEqual(paths)
  })
})
