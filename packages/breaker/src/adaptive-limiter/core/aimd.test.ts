import { describe, expect, it } from 'vitest'
import { AIMD_RULES, AimdLimit } from './aimd.js'

const good = { now: 1_000, durationMs: 50, inFlight: 100, isDrop: false }
const drop = { ...good, isDrop: true }

function after(limit: AimdLimit, ...calls: (typeof good)[]): number {
  for (const call of calls) limit.observe(call)
  return limit.limit
}

describe('AimdLimit', () => {
  it('adds one for each limit of good calls', () => {
    const limit = new AimdLimit(10)

    expect(after(limit, ...Array.from({ length: 11 }, () => good))).toBe(11)
    expect(limit.state.estimate).toBeGreaterThan(11)
    expect(limit.state.estimate).toBeLessThan(11.1)
  })

  it('does not grow while less than half of it is used', () => {
    const limit = new AimdLimit(10)

    expect(after(limit, ...Array.from({ length: 100 }, () => ({ ...good, inFlight: 4 })))).toBe(10)
    expect(after(limit, ...Array.from({ length: 100 }, () => ({ ...good, inFlight: 5 })))).toBe(11)
  })

  it('leaves nine tenths after a drop', () => {
    expect(after(new AimdLimit(20), drop)).toBe(18)
    expect(after(new AimdLimit(5), drop)).toBe(4)
  })

  it('takes a call that was too slow for a drop', () => {
    expect(after(new AimdLimit(20), { ...good, durationMs: 5_000 })).toBe(20)
    expect(after(new AimdLimit(20), { ...good, durationMs: 5_001 })).toBe(18)
  })

  it('takes a burst of drops for one, since they began before the limit was lower', () => {
    const limit = new AimdLimit(20)

    expect(after(limit, drop, { ...drop, now: 1_010 }, { ...drop, now: 1_049 })).toBe(18)
    expect(after(limit, { ...drop, now: 1_050 })).toBe(16)
  })

  it('stays within its bounds', () => {
    const rules = { ...AIMD_RULES, min: 4, max: 6 }
    const limit = new AimdLimit(5, rules)

    expect(after(limit, ...Array.from({ length: 50 }, () => good))).toBe(6)
    expect(after(limit, ...Array.from({ length: 50 }, (_, index) => ({ ...drop, now: index * 100 })))).toBe(4)
  })

  it('follows other bounds at once', () => {
    const limit = new AimdLimit(20)

    limit.follow({ min: 1, max: 8 })
    expect(limit.limit).toBe(8)
    limit.follow({ min: 12, max: 30 })
    expect(limit.limit).toBe(12)
    expect(after(limit, drop)).toBe(12)
  })

  it('never gets stuck at one', () => {
    const limit = new AimdLimit(1)

    expect(after(limit, drop)).toBe(1)
    expect(after(limit, { ...good, now: 9_999, inFlight: 1 })).toBe(2)
  })
})
