import { describe, expect, it } from 'vitest'
import { RecentPercentile } from './recent-percentile.js'

function recorded(count: number, now: number): RecentPercentile {
  const recent = new RecentPercentile(90, 500)
  for (let ms = 1; ms <= count; ms++) recent.record(ms, now)
  return recent
}

describe('a recent percentile', () => {
  it('is unknown with fewer than 20 samples', () => {
    expect(recorded(19, 0).read(0)).toBeUndefined()
    expect(recorded(20, 0).read(0)).toBeCloseTo(18, 0)
  })

  it('counts what was recorded after any silence', () => {
    expect(recorded(20, 1_000_000).read(1_000_000)).toBeCloseTo(18, 0)
  })

  it('forgets what is older than half a minute', () => {
    expect(recorded(20, 0).read(14_999)).toBeCloseTo(18, 0)
    expect(recorded(20, 0).read(30_000)).toBeUndefined()
  })

  it('forgets so also where the clock has yet to come to its zero', () => {
    const recent = recorded(20, -100_000)

    expect([recent.read(-100_000), recent.read(-60_000)]).toEqual([expect.closeTo(18, 0), undefined])
  })

  it('is read off anew after its time, not before', () => {
    const recent = recorded(19, 0)
    const before = recent.read(0)
    recent.record(20, 10)

    expect([before, recent.read(499), recent.read(500)]).toEqual([
      undefined,
      undefined,
      expect.closeTo(18, 0),
    ])
  })
})
