import { describe, expect, it } from 'vitest'
import { ObservedDelay } from './observed-delay.js'

function observe(count: number, ms: number, now: number): ObservedDelay {
  const observed = new ObservedDelay(90)
  for (let attempt = 0; attempt < count; attempt++) observed.record(ms, now)
  return observed
}

describe('the delay that a hedge has observed', () => {
  it('is unknown with fewer than 20 attempts', () => {
    expect(observe(19, 12, 0).delayMs(0)).toBeUndefined()
    expect(observe(20, 12, 0).delayMs(0)).toBe(12)
  })

  it('is a whole millisecond at least', () => {
    expect(observe(20, 0.1, 0).delayMs(0)).toBe(1)
  })

  it('counts attempts from when they ended, however long nothing had been asked', () => {
    expect(observe(20, 12, 100_000).delayMs(100_000)).toBe(12)
  })

  it('forgets what is older than half a minute', () => {
    expect(observe(20, 12, 0).delayMs(60_000)).toBeUndefined()
  })

  it('is read anew once a second', () => {
    const observed = observe(0, 0, 0)
    const before = observed.delayMs(0)
    for (let attempt = 0; attempt < 20; attempt++) observed.record(12, 10)

    expect([before, observed.delayMs(999), observed.delayMs(1_000)]).toEqual([undefined, undefined, 12])
  })
})
