import { describe, expect, it } from 'vitest'
import { isSavedTimeWindow } from './saved-window.js'
import { TimeWindow } from './time-window.js'

const counts = (window: TimeWindow): Record<string, number> => ({
  successes: window.successes,
  failures: window.failures,
  slow: window.slow,
})

describe('a merged TimeWindow', () => {
  it('follows a window that has seen a later time', () => {
    const behind = new TimeWindow(10_000, 10, 0)
    const ahead = new TimeWindow(10_000, 10, 0)
    behind.failureAt(500)
    behind.failureAt(4_500)
    ahead.successAt(11_500)

    behind.add(ahead)

    expect(counts(behind)).toEqual({ successes: 1, failures: 1, slow: 0 })
    behind.advance(14_000)
    expect(counts(behind)).toEqual({ successes: 1, failures: 0, slow: 0 })
  })

  it('drops what has left its own window', () => {
    const behind = new TimeWindow(10_000, 10, 0)
    const ahead = new TimeWindow(10_000, 10, 0)
    behind.failureAt(500)
    behind.failureAt(4_500)
    ahead.successAt(11_500)

    ahead.add(behind)

    expect(counts(ahead)).toEqual({ successes: 1, failures: 1, slow: 0 })
  })

  it('takes the counts of a window of another shape', () => {
    const fine = new TimeWindow(10_000, 10, 0)
    const coarse = new TimeWindow(60_000, 6, 0)
    coarse.failureAt(5_000)
    coarse.failureAt(25_000)
    coarse.slowAt(31_000)

    fine.add(coarse)

    expect(counts(fine)).toEqual({ successes: 0, failures: 1, slow: 1 })
    expect(fine.judged).toBe(2)
  })
})

describe('a saved TimeWindow', () => {
  it('is plain data that says how old each bucket is', () => {
    const window = new TimeWindow(10_000, 10, 0)
    window.failureAt(2_500)
    window.slowAt(9_100)

    expect(window.save(9_100)).toEqual({
      buckets: [
        { ageMs: 6_100.5, successes: 0, failures: 1, slow: 0, settledSlow: 0 },
        { ageMs: 0, successes: 0, failures: 0, slow: 1, settledSlow: 0 },
      ],
    })
  })

  it('goes on ageing on the clock of another process', () => {
    const window = new TimeWindow(10_000, 10, 0)
    window.failureAt(2_500)
    window.successAt(9_100)

    const other = new TimeWindow(10_000, 10, 77)
    other.successAt(77)
    other.restore(window.save(9_100), 1_000_077)

    expect(counts(other)).toEqual({ successes: 1, failures: 1, slow: 0 })
    other.advance(1_004_000)
    expect(counts(other)).toEqual({ successes: 1, failures: 0, slow: 0 })
  })

  it('drops what is older than a shorter window', () => {
    const window = new TimeWindow(60_000, 6, 0)
    window.failureAt(5_000)
    window.failureAt(55_000)

    const shorter = new TimeWindow(10_000, 10, 0)
    shorter.restore(window.save(59_999), 59_999)

    expect(shorter.failures).toBe(1)
  })

  it.each([
    [{ buckets: [] }, true],
    [{ buckets: [{ ageMs: 0, successes: 1, failures: 1, slow: 0, settledSlow: 2 }] }, true],
    [{ buckets: [{ ageMs: 0, successes: 1, failures: 1, slow: 0, settledSlow: 3 }] }, false],
    [{ buckets: [{ ageMs: -1, successes: 0, failures: 0, slow: 0, settledSlow: 0 }] }, false],
    [{ buckets: [{ ageMs: NaN, successes: 0, failures: 0, slow: 0, settledSlow: 0 }] }, false],
    [{ buckets: [{ ageMs: 0, successes: -1, failures: 0, slow: 0, settledSlow: 0 }] }, false],
    [{ buckets: [{ ageMs: 0, successes: 0, failures: 0, slow: -1, settledSlow: 0 }] }, false],
    [{ buckets: [{ ageMs: 0, successes: 0, failures: 0.5, slow: 0, settledSlow: 0 }] }, false],
    [{ buckets: [{ ageMs: 0, successes: 0, failures: 0, slow: '1', settledSlow: 0 }] }, false],
    [{ buckets: [{ ageMs: 0, successes: 0, failures: 0, slow: 0 }] }, false],
    [{ buckets: [null] }, false],
    [{ buckets: {} }, false],
    [{}, false],
    [null, false],
    [undefined, false],
    [{ buckets: [undefined] }, false],
    ['buckets', false],
  ])('is told from other data: %j', (value, expected) => {
    expect(isSavedTimeWindow(value)).toBe(expected)
  })
})
