import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { matchAnswers } from './match-answers.js'

const ends = (answers: unknown): unknown =>
  matchAnswers(answers, {
    ids: ['a', 'b'],
    identify: (key) => key,
    error: (reason) => new RangeError(reason),
  })
const failed = (reason: string): unknown => ({ kind: 'failure', error: new RangeError(reason) })

describe('the ends of the requests of a batch', () => {
  it('are the answers of a list, one by one, and the failures among them', () => {
    const error = new Error('not b')

    expect(ends([1, error])).toEqual([
      { kind: 'success', value: 1 },
      { kind: 'failure', error },
    ])
  })

  it('are failures for errors of another context too, as those of Node are in Jest', () => {
    const foreign: unknown = runInNewContext('new TypeError("not b")')

    expect(ends([1, foreign])).toEqual([
      { kind: 'success', value: 1 },
      { kind: 'failure', error: foreign },
    ])
  })

  it('are failures where no pair has an answer', () => {
    expect(ends([1])).toEqual([failed('wrong-length'), failed('wrong-length')])
    expect(ends(new Map([['b', 2]]))).toEqual([failed('missing'), { kind: 'success', value: 2 }])
  })

  it.each([[null], [undefined], ['ab'], [7], [{ a: 1 }]])('are failures when %o is the answer', (answer) => {
    expect(ends(answer)).toEqual([failed('unusable'), failed('unusable')])
  })
})
