import { describe, expect, it, vi } from 'vitest'
import { RollingLatency } from './rolling-latency.js'

describe('RollingLatency', () => {
  it('has no percentile before anything was recorded', () => {
    const latency = new RollingLatency(10_000, 0)

    expect(latency.percentile(50, 0)).toBeUndefined()
    expect(latency.percentile(50, 1e9)).toBeUndefined()
    expect(latency.cumulative.count).toBe(0)
  })

  it('sees what was recorded just now', () => {
    const latency = new RollingLatency(10_000, 0)

    latency.record(12)

    expect(latency.percentile(99, 0)).toBe(12)
    expect(latency.window(4_000).count).toBe(1)
  })

  it('forgets a half window at a time', () => {
    const latency = new RollingLatency(10_000, 0)
    latency.record(100)
    latency.rotate(5_000)
    latency.record(200)

    expect(latency.window(9_999).percentiles([0, 100])).toEqual([100, 200])
    expect(latency.window(10_000).percentiles([0, 100])).toEqual([200, 200])
    expect(latency.window(15_000).count).toBe(0)
  })

  it('keeps the totals of all time', () => {
    const latency = new RollingLatency(10_000, 0)
    latency.record(100)
    latency.rotate(60_000)
    latency.record(200)

    expect(latency.window(60_000).count).toBe(1)
    expect(latency.cumulative.count).toBe(2)
    expect(latency.cumulative.sumMs).toBe(300)
  })

  it.each([10_000, 10_001, 15_000, 3_600_000, 2 ** 45])('shows nothing old after a gap of %i ms', (gapMs) => {
    const latency = new RollingLatency(10_000, 0)
    for (let ms = 1; ms <= 50; ms++) latency.record(ms)
    latency.rotate(4_999)

    expect(latency.percentile(50, gapMs)).toBeUndefined()

    latency.record(700)
    const after = latency.window(gapMs + 1)
    expect([after.count, after.maxMs]).toEqual([1, 700])
  })

  it('copies nothing in a half window without records', () => {
    const latency = new RollingLatency(10_000, 0)
    latency.rotate(5_000)
    latency.record(1)
    latency.rotate(10_000)
    const copy = vi.spyOn(latency.cumulative, 'copy')
    const idle = new RollingLatency(10_000, 0)
    const idleCopy = vi.spyOn(idle.cumulative, 'copy')

    for (let now = 10_000; now <= 60_000; now += 5_000) {
      latency.rotate(now)
      idle.rotate(now)
    }

    expect(copy).not.toHaveBeenCalled()
    expect(idleCopy).not.toHaveBeenCalled()
  })

  it('changes nothing when time goes back', () => {
    const latency = new RollingLatency(10_000, 20_000)
    latency.record(5)
    latency.rotate(25_000)

    latency.rotate(0)
    latency.record(6)

    expect(latency.window(0).count).toBe(2)
    expect(latency.window(29_999).count).toBe(2)
    expect(latency.window(30_000).count).toBe(1)
  })

  it('hands out windows that later records do not change', () => {
    const latency = new RollingLatency(10_000, 0)
    latency.record(1)

    const window = latency.window(0)
    latency.record(2)

    expect(window.count).toBe(1)
    window.record(3)
    expect(latency.cumulative.count).toBe(2)
  })
})
