import { onInternalError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { BatchAnswerError } from './batch-answer-error.js'
import { boom, loadAt, noted } from './collapser.model.js'

/** What `a`, `b` and `c` get when their batch answers so; errors by their reason or message. */
async function answersTo(batch: () => unknown): Promise<unknown[]> {
  const subject = noted({ batch: batch as never, maxSize: 3, name: 'users' })
  const answers = await loadAt(subject, [
    [0, 'a'],
    [0, 'b'],
    [0, 'c'],
  ])
  const ends = await Promise.all(answers)
  return ends.map((end) => (end instanceof BatchAnswerError ? end.reason : end))
}

function* pairs(...all: unknown[]): Generator<unknown> {
  for (const pair of all) {
    if (pair === boom) throw boom
    yield pair
  }
}

describe('answers', () => {
  it.each<[string, () => unknown]>([
    ['as a list', () => [1, 2, 3]],
    ['as a promise of a list', () => Promise.resolve([1, 2, 3])],
    ['as a thenable', () => ({ then: (resolve: (value: unknown) => void) => resolve([1, 2, 3]) })],
    [
      'by key, in any order, with some that nobody asked for',
      () => new Map(Object.entries({ x: 0, c: 3, b: 2, a: 1 })),
    ],
    ['in pairs that come without end', () => endless()],
    ['in pairs: the first of a key counts', () => pairs(['a', 1], ['a', 9], ['b', 2], ['c', 3])],
  ])('%s reach those who asked', async (_name, batch) => {
    expect(await answersTo(batch)).toEqual([1, 2, 3])
  })

  it('may be undefined', async () => {
    expect(await answersTo(() => [undefined, null, 0])).toEqual([undefined, null, 0])
    expect(await answersTo(() => new Map([['a', undefined]]))).toEqual([undefined, 'missing', 'missing'])
  })

  it.each<[string, () => unknown, unknown[]]>([
    ['too few in a list', () => [1, 2], ['wrong-length', 'wrong-length', 'wrong-length']],
    ['too many in a list', () => [1, 2, 3, 4], ['wrong-length', 'wrong-length', 'wrong-length']],
    ['missing by key', () => new Map([['b', 2]]), ['missing', 2, 'missing']],
    ['an error among them', () => [1, boom, 3], [1, boom, 3]],
    ['pairs that break off', () => pairs(['b', 2], boom), [boom, 2, boom]],
    ['pairs with something else', () => pairs(['a', 1], 'bc'), [1, 'unusable', 'unusable']],
    ['nothing', () => undefined, ['unusable', 'unusable', 'unusable']],
    ['a text', () => 'abc', ['unusable', 'unusable', 'unusable']],
    ['an object', () => ({ a: 1 }), ['unusable', 'unusable', 'unusable']],
    ['a list that cannot be read', () => unreadable(), [1, boom, boom]],
  ])('%s: everybody ends', async (_name, batch, expected) => {
    expect(await answersTo(batch)).toEqual(expected)
  })

  it.each<[string, () => unknown]>([
    ['throws', () => throwing()],
    ['rejects', () => Promise.reject(boom)],
    ['answers with a thenable that throws', () => ({ then: throwing })],
  ])('are one error, the same for all, of a batch that %s', async (_name, batch) => {
    expect(await answersTo(batch)).toEqual([boom, boom, boom])
  })

  it('that are missing are told with the name of the collapser', async () => {
    const subject = noted({ batch: () => new Map(), maxSize: 1, name: 'users' })

    const [error] = await Promise.all(await loadAt(subject, [[0, 'a']]))

    expect((error as BatchAnswerError).toJSON()).toMatchObject({
      code: 'ERR_BATCH_ANSWER',
      status: 502,
      reason: 'missing',
      message: 'users: the batch has no answer for this request',
    })
  })

  it('cannot be disturbed by listeners', async () => {
    const unsubscribe = onInternalError(() => {})
    const subject = noted({ maxSize: 1 })
    subject.collapser.on('batch', throwing)

    expect(await Promise.all(await loadAt(subject, [[0, 'a']]))).toEqual(['v:a'])
    unsubscribe()
  })

  it('are given to requests that cannot be changed', async () => {
    const subject = noted({
      maxSize: 1,
      batch: (requests) => {
        ;(requests as string[]).push('more')
        return ['v']
      },
    })

    expect(await Promise.all(await loadAt(subject, [[0, 'a']]))).toEqual([expect.any(TypeError)])
  })
})

function throwing(): never {
  throw boom
}

function* endless(): Generator<unknown> {
  yield* pairs(['a', 1], ['b', 2])
  for (;;) yield ['c', 3]
}

function unreadable(): unknown[] {
  return Object.defineProperty([1, 2, 3], 1, { get: throwing })
}
