import { describe, expect, it } from 'vitest'
import { TimeWindow } from './time-window.js'

const counts = (window: TimeWindow): Record<string, number> => ({
  successes: window.successes,
  failures: window.failures,
  slow: window.slow,
})

describe('TimeWindow', () => {
  it('counts nothing at first', () => {
    const window = new TimeWindow(10_000, 10, 0)

    expect([window.successes, window.failures, window.slow, window.total, window.judged]).toEqual([
      0, 0, 0, 0, 0,
    ])
  })

  it('counts each kind apart', () => {
    const window = new TimeWindow(10_000, 10, 0)

    window.successAt(1)
    window.successAt(1_001)
    window.failureAt(2_001)
    window.slowAt(3_001)

    expect(counts(window)).toEqual({ successes: 2, failures: 1, slow: 1 })
    expect(window.total).toBe(3)
  })

  it('counts in the current bucket without being told the time', () => {
    const window = new TimeWindow(1_000, 10, 0)

    window.advance(500)
    window.success()
    window.failure()

    window.advance(1_499)
    expect(window.total).toBe(2)
    window.advance(1_500)
    expect(window.total).toBe(0)
  })

  it('lets a bucket leave exactly one window after it began', () => {
    const window = new TimeWindow(10_000, 10, 0)
    window.failureAt(2_999)

    window.advance(11_999)
    expect(window.failures).toBe(1)

    window.advance(12_000)
    expect(window.failures).toBe(0)
  })

  it('forgets everything after one window without a call, at the next read', () => {
    const window = new TimeWindow(5_000, 10, 0)
    for (let call = 0; call < 20; call++) window.failureAt(call)

    window.advance(3_600_000)

    expect(window.failures).toBe(0)
  })

  it('judges a slow call once, in flight and after it has ended', () => {
    const window = new TimeWindow(10_000, 10, 0)

    window.slowAt(1_000)
    expect([window.judged, window.slow, window.total]).toEqual([1, 1, 0])

    window.settledSlowSuccessAt(4_000)
    expect([window.judged, window.slow, window.total, window.successes]).toEqual([1, 1, 1, 1])

    window.slowAt(5_000)
    window.settledSlowFailureAt(6_000)
    expect([window.judged, window.slow, window.total, window.failures]).toEqual([2, 2, 2, 1])
  })

  it('puts a late sample into the bucket of its time', () => {
    const window = new TimeWindow(10_000, 10, 0)
    window.successAt(9_500)

    window.failureAt(3_500)

    window.advance(12_999)
    expect(counts(window)).toEqual({ successes: 1, failures: 1, slow: 0 })
    window.advance(13_000)
    expect(counts(window)).toEqual({ successes: 1, failures: 0, slow: 0 })
  })

  it('drops a sample that is older than the window, and loses no bucket to it', () => {
    const window = new TimeWindow(10_000, 10, 20_000)
    window.successAt(20_000)

    window.failureAt(10_999)
    window.failureAt(-1e9)

    expect(counts(window)).toEqual({ successes: 1, failures: 0, slow: 0 })
  })

  it('never counts a bucket twice that the clock visits twice', () => {
    const window = new TimeWindow(3_000, 3, 0)

    for (const now of [500, 2_500, 500, 1_500, 2_500, 500]) window.successAt(now)

    expect(window.successes).toBe(6)
    window.advance(3_000)
    expect(window.successes).toBe(3)
    window.advance(4_000)
    expect(window.successes).toBe(2)
    window.advance(5_000)
    expect(window.successes).toBe(0)
  })

  it('works with a single bucket', () => {
    const window = new TimeWindow(1_000, 1, 0)
    window.successAt(999)
    window.successAt(-1)

    expect(window.successes).toBe(1)
    window.advance(1_000)
    expect(window.successes).toBe(0)
  })

  it('starts again at an earlier time after a reset', () => {
    const window = new TimeWindow(10_000, 10, 50_000)
    window.failureAt(45_000)
    window.failureAt(52_000)
    window.slowAt(52_000)

    window.reset(100)

    expect(counts(window)).toEqual({ successes: 0, failures: 0, slow: 0 })
    window.failureAt(100)
    window.advance(10_000)
    expect(window.failures).toBe(0)
  })

  it.each([
    [10_000, 10],
    [1, 1],
    [3, 3],
    [86_400_000, 24],
  ])('W9: finds no problem with %i ms in %i buckets', (windowMs, buckets) => {
    expect(TimeWindow.problem(windowMs, buckets)).toBeUndefined()
  })

  it.each([
    [10_000, 7],
    [10_000, 0],
    [10_000, -10],
    [10_000, 2.5],
    [9, 10],
    [0, 1],
    [10.5, 1],
    [NaN, 10],
    [10_000, NaN],
    [-10, 10],
    [-10, -10],
    [Infinity, 10],
  ])('W9: has a reason against %d ms in %d buckets', (windowMs, buckets) => {
    expect(TimeWindow.problem(windowMs, buckets)).toBe(
      `${windowMs} ms cannot be cut into ${buckets} equal buckets of whole milliseconds`,
    )
  })

  it('adds each bucket of a shorter window once', () => {
    const short = new TimeWindow(1_000, 10, 0)
    short.failureAt(500)
    short.advance(650)
    const long = new TimeWindow(60_000, 60, 0)

    long.add(short)

    expect([long.failures, long.total]).toEqual([1, 1])
  })

  it('saves nothing that is too old by then', () => {
    const window = new TimeWindow(1_000, 10, 0)
    window.failureAt(0)

    expect(window.save(20_000)).toEqual({ buckets: [] })
  })
})
