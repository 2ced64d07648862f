import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { timelineOf } from '../timeline.js'
import type { Timeline } from '../timeline.js'
import { ClockReader } from './clock-reader.js'

interface Stand {
  readonly clock: SimClock
  readonly reader: ClockReader
  readonly timeline: { asked: number }
  /** Makes so many calls at a pace; how many of them were told the time. */
  readonly calls: (count: number, everyMs: number) => number
}

function stand(maySpareReads = true): Stand {
  const clock = new SimClock({ startMs: 1_000 })
  const timeline = {
    clock,
    maySpareReads,
    asked: 0,
    tellTurnEnd() {
      this.asked++
    },
  }
  // Only this much of a timeline is asked by a reader.
  const reader = new ClockReader(timeline as unknown as Timeline)
  const calls = (count: number, everyMs: number): number => {
    let told = 0
    for (let call = 0; call < count; call++) {
      clock.stall(everyMs)
      if (!reader.tick()) continue
      expect(reader.lastRead).toBe(clock.now())
      told++
    }
    return told
  }
  return { clock, reader, timeline, calls }
}

describe('a clock reader', () => {
  it('tells each call the time while calls are rare', () => {
    const { calls, timeline } = stand()

    expect(calls(1_000, 0.1)).toBe(1_000)
    expect(timeline.asked).toBe(0)
  })

  it('tells only some while they are many, and asks once to hear of the end of the turn', () => {
    const { calls, reader, timeline } = stand()

    expect(calls(1_000, 0.001)).toBeLessThan(250)
    expect(timeline.asked).toBe(1)
    reader.turnEnded()
    calls(1_000, 0.001)
    expect(timeline.asked).toBe(2)
  })

  it('tells each again as soon as they are few', () => {
    const { calls } = stand()
    calls(1_000, 0.001)

    // The spared ones of the last read may still come.
    calls(128, 1)

    expect(calls(100, 1)).toBe(100)
  })

  it('spares reads only after a longer run of many, each time anew', () => {
    const { calls } = stand()
    calls(1_000, 0.001)
    calls(160, 1)

    expect(calls(20, 0.001)).toBe(20)
    expect(calls(1_000, 0.001)).toBeLessThan(250)
  })

  it('always tells the first of a new turn', () => {
    const { calls, reader } = stand()
    calls(1_000, 0.001)

    for (let turn = 0; turn < 50; turn++) {
      reader.turnEnded()
      expect(calls(1, 0.001)).toBe(1)
    }
  })

  it('tells each when the clock is not the one whose turns we know', () => {
    const { calls } = stand(false)

    expect(calls(1_000, 0.001)).toBe(1_000)
    expect(timelineOf(new SimClock()).maySpareReads).toBe(false)
  })
})
