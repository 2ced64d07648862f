import { describe, expect, it } from 'vitest'
import { Gradient2Limit } from './gradient2.js'

const RULES = { min: 1, max: 200, tolerance: 1.5, queueSize: 4, smoothing: 0.2, longWindow: 600 }
const busy = { meanMs: 100, mostInFlight: 200, hadDrops: false }

function estimates(limit: Gradient2Limit, samples: Parameters<Gradient2Limit['update']>[0][]): number[] {
  return samples.map((sample) => {
    limit.update(sample)
    return Math.round(limit.state.estimate * 100) / 100
  })
}

describe('Gradient2Limit', () => {
  it('grows by the allowance for a queue, smoothed, while latencies are as they were', () => {
    expect(estimates(new Gradient2Limit(20, RULES), [busy, busy, busy])).toEqual([20.8, 21.6, 22.4])
  })

  it('grows again after a drop though no call may queue', () => {
    const drop = { ...busy, hadDrops: true }

    expect(estimates(new Gradient2Limit(20, { ...RULES, queueSize: 0 }), [drop, busy, busy])).toEqual([
      18, 18.2, 18.4,
    ])
  })

  it('bears half as much latency again', () => {
    const limit = new Gradient2Limit(20, RULES)
    for (let window = 0; window < 20; window++) limit.update({ ...busy, mostInFlight: 0 })

    expect(estimates(limit, [{ ...busy, meanMs: 150 }])).toEqual([20.8])
  })

  it('shrinks by as much as calls take longer, and adds nothing for a queue then', () => {
    const limit = new Gradient2Limit(20, { ...RULES, longWindow: 1_000_000 })
    for (let window = 0; window < 20; window++) limit.update({ ...busy, mostInFlight: 0 })

    // 1.5 · 100 / 200 of it, a fifth of the way.
    expect(estimates(limit, [{ ...busy, meanMs: 200 }])).toEqual([19])
  })

  it('never shrinks by more than half, smoothed', () => {
    const limit = new Gradient2Limit(100, { ...RULES, longWindow: 1_000_000 })
    for (let window = 0; window < 20; window++) limit.update({ ...busy, mostInFlight: 0 })

    expect(estimates(limit, [{ ...busy, meanMs: 100_000 }])).toEqual([90])
  })

  it('shrinks for drops, also where they are quick, or all there is', () => {
    expect(estimates(new Gradient2Limit(20, RULES), [{ ...busy, meanMs: 1, hadDrops: true }])).toEqual([18])
    expect(
      estimates(new Gradient2Limit(20, RULES), [{ meanMs: undefined, mostInFlight: 1, hadDrops: true }]),
    ).toEqual([18])
  })

  it('stays as it is while less than half of it is used', () => {
    expect(estimates(new Gradient2Limit(20, RULES), [{ ...busy, mostInFlight: 9 }])).toEqual([20])
    expect(estimates(new Gradient2Limit(20, RULES), [{ ...busy, mostInFlight: 10 }])).toEqual([20.8])
  })

  it('learns the long-term latency from the mean of its first windows, then slowly', () => {
    const limit = new Gradient2Limit(20, RULES)
    estimates(limit, [
      { ...busy, meanMs: 100 },
      { ...busy, meanMs: 200 },
    ])
    expect(limit.state.longRttMs).toBe(150)

    for (let window = 0; window < 8; window++) limit.update({ ...busy, meanMs: 150 })
    limit.update({ ...busy, meanMs: 210 })

    expect(limit.state.longRttMs).toBeCloseTo(150 + (60 * 2) / 601, 9)
  })

  it('counts ten first windows', () => {
    const limit = new Gradient2Limit(20, RULES)
    for (let window = 0; window < 9; window++) limit.update({ ...busy, meanMs: 100 })
    limit.update({ ...busy, meanMs: 200 })

    expect(limit.state.longRttMs).toBeCloseTo(110, 9)
  })

  it('learns no latency of a window without one', () => {
    const limit = new Gradient2Limit(20, RULES)
    limit.update(busy)
    limit.update({ meanMs: undefined, mostInFlight: 1, hadDrops: true })

    expect(limit.state.longRttMs).toBe(100)
  })

  it('keeps a long-term latency that is just twice that of now', () => {
    const limit = new Gradient2Limit(20, RULES)
    limit.update({ ...busy, meanMs: 300 })
    limit.update({ ...busy, meanMs: 100 })

    expect(limit.state.longRttMs).toBe(200)
  })

  it('forgets a long-term latency of worse times', () => {
    const limit = new Gradient2Limit(20, RULES)
    for (let window = 0; window < 20; window++) limit.update({ ...busy, meanMs: 1_000 })

    limit.update({ ...busy, meanMs: 100 })

    expect(limit.state.longRttMs).toBeLessThan(951)
  })

  it('stays within its bounds, also other ones', () => {
    const limit = new Gradient2Limit(5, { ...RULES, min: 4, max: 6 })

    expect(estimates(limit, [busy, busy, busy]).at(-1)).toBe(6)
    for (let window = 0; window < 20; window++) limit.update({ ...busy, hadDrops: true })
    expect(limit.limit).toBe(4)
    limit.follow({ min: 7, max: 9 })
    expect(limit.limit).toBe(7)
  })
})
