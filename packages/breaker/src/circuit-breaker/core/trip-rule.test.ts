import { describe, expect, it } from 'vitest'
import { consecutiveFailures, countRate, errorRate, slowCalls, tripWhen } from '../trip-rules.js'
import { conflictingRules, reaches } from './trip-rule.js'

describe('reaches', () => {
  it('takes both bounds as included', () => {
    const rule = { percent: 50, volume: 4 }

    expect(reaches(2, 4, rule)).toBe(true)
    expect(reaches(1, 4, rule)).toBe(false)
    expect(reaches(3, 3, rule)).toBe(false)
  })

  it('compares without rounding', () => {
    expect(reaches(2, 3, { percent: 67, volume: 1 })).toBe(false)
    expect(reaches(666_667, 1_000_000, { percent: 66.67, volume: 1 })).toBe(false)
    expect(reaches(666_700, 1_000_000, { percent: 66.67, volume: 1 })).toBe(true)
  })

  it('takes a percentage with decimals as it is written', () => {
    // 1.1 is a little more than 11/10 in floating point, and 1.1 · 3000 is more than 3300.
    expect(reaches(33, 3_000, { percent: 1.1, volume: 1 })).toBe(true)
    expect(reaches(32, 3_000, { percent: 1.1, volume: 1 })).toBe(false)
  })

  it('needs one failure at least, however small the percentage', () => {
    expect(reaches(0, 1_000, { percent: Number.MIN_VALUE, volume: 1 })).toBe(false)
    expect(reaches(1, 1_000_000, { percent: Number.MIN_VALUE, volume: 1 })).toBe(true)
  })
})

describe('conflictingRules', () => {
  it('finds nothing in rules that are alternatives', () => {
    const rules = [
      errorRate(),
      errorRate({ percent: 90, volume: 5, windowMs: 1_000 }),
      slowCalls({ slowerThanMs: 100 }),
      countRate(),
      consecutiveFailures(5),
      tripWhen(() => false),
      tripWhen(() => true),
    ]

    expect(conflictingRules(rules)).toEqual([])
  })

  it('finds the second of two that can only be meant once', () => {
    const twice = [
      [slowCalls({ slowerThanMs: 100 }), slowCalls({ slowerThanMs: 200 })],
      [countRate(), countRate({ percent: 10 })],
      [consecutiveFailures(5), consecutiveFailures(9)],
    ]

    for (const rules of twice) {
      const [problem, ...others] = conflictingRules([errorRate(), ...rules])
      expect(problem?.index).toBe(2)
      expect(problem?.problem).toContain(`at most one ${String(rules[0]?.kind)} rule`)
      expect(others).toEqual([])
    }
  })
})
