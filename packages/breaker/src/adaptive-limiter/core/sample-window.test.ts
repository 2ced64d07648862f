import { describe, expect, it } from 'vitest'
import { SampleWindow } from './sample-window.js'

const good = { now: 0, durationMs: 10, inFlight: 1, isDrop: false }

describe('SampleWindow', () => {
  it('sums up the calls of a window, with the one that ends it', () => {
    const window = new SampleWindow(1_000, 2, 0)

    expect(window.add({ ...good, now: 500, durationMs: 30, inFlight: 7 })).toBeUndefined()
    expect(window.add({ ...good, now: 999, inFlight: 9 })).toBeUndefined()
    expect(window.add({ ...good, now: 1_000, durationMs: 20 })).toEqual({
      meanMs: 20,
      mostInFlight: 9,
      hadDrops: false,
    })
  })

  it('goes on until there are enough of them', () => {
    const window = new SampleWindow(1_000, 3, 0)

    expect(window.add({ ...good, now: 5_000 })).toBeUndefined()
    expect(window.add({ ...good, now: 5_100 })).toBeUndefined()
    expect(window.add({ ...good, now: 5_200 })).toBeDefined()
    // The next one begins with the end of this one.
    for (const now of [5_300, 5_400, 6_199]) expect(window.add({ ...good, now })).toBeUndefined()
    expect(window.add({ ...good, now: 6_200 })).toBeDefined()
  })

  it('counts drops, whose latency says nothing', () => {
    const window = new SampleWindow(1_000, 2, 0)
    window.add({ ...good, durationMs: 40 })

    const sample = window.add({ now: 1_000, durationMs: 5_000, inFlight: 3, isDrop: true })

    expect(sample).toEqual({ meanMs: 40, mostInFlight: 3, hadDrops: true })
  })

  it('knows no latency where all were dropped', () => {
    const window = new SampleWindow(1_000, 1, 0)

    expect(window.add({ ...good, now: 1_000, isDrop: true })).toMatchObject({
      meanMs: undefined,
      hadDrops: true,
    })
  })

  it('does not hear of those that never left the machine', () => {
    const window = new SampleWindow(1_000, 1, 0)

    expect(window.add({ ...good, now: 2_000, durationMs: 0.09, inFlight: 50 })).toBeUndefined()
    expect(window.add({ ...good, now: 2_000, durationMs: 0.1 })).toMatchObject({ mostInFlight: 1 })
  })
})
