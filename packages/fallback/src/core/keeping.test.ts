import { describe, expect, it } from 'vitest'
import type { Outcome } from '@breakwater/kernel'
import { keepFor, keepStale } from './keeping.js'

const error = new Error('down')
const success: Outcome<unknown> = { kind: 'success', value: 1 }
const failure: Outcome<unknown> = { kind: 'failure', error }
const cancelled: Outcome<unknown> = { kind: 'cancelled', error }
const without: readonly Outcome<unknown>[] = [
  failure,
  { kind: 'timeout', error },
  { kind: 'rejected', error },
]

describe('answers that are kept for a time', () => {
  it('are fresh until it is over', () => {
    const keeping = keepFor(10, false)

    expect([9, 10].map((now) => keeping.isFresh(0, now))).toEqual([true, false])
  })

  // An age of 59 999.999… ms: what is subtracted is rounded.
  it('are over when their time is, however its end rounds', () => {
    const at = 16_284 + 3 * 2 ** -39

    expect(keepFor(60_000, false).isFresh(at, at + 60_000)).toBe(false)
    expect(keepStale(60_000, 0).isFresh(at, at + 60_000)).toBe(false)
    expect(keepStale(0, 60_000).judge(failure, at, at + 60_000)).toBe('pass')
  })

  it('are successes; everything else only passes', () => {
    const keeping = keepFor(10, false)

    expect(keeping.judge(success, undefined, 0)).toBe('keep')
    expect([...without, cancelled].map((end) => keeping.judge(end, 0, 5))).toEqual([
      'pass',
      'pass',
      'pass',
      'pass',
    ])
  })

  it('are failures too, where the rule says so, but not what the caller gave up', () => {
    const keeping = keepFor(10, true)

    expect(without.map((end) => keeping.judge(end, undefined, 0))).toEqual(['keep', 'keep', 'keep'])
    expect(keeping.judge(cancelled, undefined, 0)).toBe('pass')
  })

  it('are none when the time is 0', () => {
    expect(keepFor(0, true).judge(success, undefined, 0)).toBe('pass')
  })
})

describe('stale answers', () => {
  const keeping = keepStale(10, 20)

  it('are given after their fresh time, instead of none, until their further time is over', () => {
    expect([9, 10].map((now) => keeping.isFresh(0, now))).toEqual([true, false])
    expect(without.map((end) => keeping.judge(end, 0, 29))).toEqual(['stale', 'stale', 'stale'])
    expect(without.map((end) => keeping.judge(end, 0, 30))).toEqual(['pass', 'pass', 'pass'])
  })

  it('make way for a new one', () => {
    expect(keeping.judge(success, 0, 15)).toBe('keep')
  })

  it('are no end for a caller who gave up, nor where nothing came before', () => {
    expect(keeping.judge(cancelled, 0, 15)).toBe('pass')
    expect(keeping.judge(failure, undefined, 0)).toBe('pass')
  })
})
