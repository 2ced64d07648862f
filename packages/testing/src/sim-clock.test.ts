import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it, vi } from 'vitest'
import { microtaskSteps } from './microtask-steps.js'
import { SimClock } from './sim-clock.js'

const NOTHING_PENDING = { timers: 0, background: 0, io: 0, afterPoll: 0 }

describe('time', () => {
  it('stands still until it is moved', async () => {
    const clock = new SimClock()
    expect([clock.now(), clock.epochNow()]).toEqual([0, Date.UTC(2026, 0, 1)])

    await clock.advance(250)
    expect([clock.now(), clock.epochNow()]).toEqual([250, Date.UTC(2026, 0, 1) + 250])

    await clock.flush()
    expect(clock.now()).toBe(250)
  })

  it('starts where it is told', () => {
    const clock = new SimClock({ startMs: 500, epochMs: 0 })

    expect([clock.now(), clock.epochNow()]).toEqual([500, 0])
  })

  it('B13 shifts the wall clock without touching monotonic time', () => {
    const clock = new SimClock({ epochMs: 10_000 })
    clock.shiftEpoch(-3_600_000)

    expect([clock.now(), clock.epochNow()]).toEqual([0, -3_590_000])
  })

  it('refuses durations that make no sense and goes on working', async () => {
    const clock = new SimClock()

    for (const bad of [-1, NaN, Infinity]) {
      await expect(clock.advance(bad)).rejects.toThrow(InvalidOptionsError)
      expect(() => {
        clock.stall(bad)
      }).toThrow(
        `Invalid arguments for SimClock.stall:\n  ms: expected a finite number of milliseconds of at least 0, received ${bad}`,
      )
    }
    await expect(clock.advance(-1)).rejects.toThrow('Invalid arguments for SimClock.advance')
    expect(() => {
      clock.shiftEpoch(NaN)
    }).toThrow('SimClock.shiftEpoch:\n  ms: expected a finite number of milliseconds, received NaN')
    expect(() => new SimClock({ startMs: NaN })).toThrow(
      'Invalid options for SimClock:\n  startMs: expected a number',
    )
    await clock.advance(1)
    expect([clock.now(), clock.epochNow()]).toEqual([1, Date.UTC(2026, 0, 1) + 1])
  })
})

describe('advance', () => {
  it('runs what is due in order of time, each at its own time, and stops before what is not due', async () => {
    const clock = new SimClock()
    const ran: string[] = []
    const note = (name: string) => () => ran.push(`${name} at ${clock.now()}`)
    clock.schedule(30, note('c'))
    clock.schedule(10, note('a'))
    clock.schedule(10, note('b'))
    clock.schedule(31, note('late'))
    clock.io(20, note('io'))

    await clock.advance(30)

    expect(ran).toEqual(['a at 10', 'b at 10', 'io at 20', 'c at 30'])
    expect(clock.now()).toBe(30)
    expect(clock.pending).toEqual({ ...NOTHING_PENDING, timers: 1 })
  })

  it('runs nothing synchronously, not even what is due', async () => {
    const clock = new SimClock()
    const run = vi.fn()
    clock.schedule(0, run)
    clock.io(-5, run)
    clock.afterPoll(run)
    const done = clock.flush()
    expect(run).not.toHaveBeenCalled()

    await done
    expect(run).toHaveBeenCalledTimes(3)
    expect(clock.now()).toBe(0)
  })

  it('runs soon what is due at no number, as real timers do', async () => {
    const clock = new SimClock()
    const run = vi.fn()
    clock.schedule(NaN, run)
    await clock.flush()

    expect(run).toHaveBeenCalledTimes(1)
  })

  it('never runs what is due at the end of time', async () => {
    const clock = new SimClock()
    clock.schedule(Infinity, () => {
      throw new Error('never')
    })

    await clock.advance(1e15)
    expect(clock.pending.timers).toBe(1)
  })

  it('lets promises and ticks run to their end after each callback, however many there are', async () => {
    const clock = new SimClock()
    const ran: string[] = []
    clock.schedule(1, () => {
      void microtaskSteps(5_000).then(() => {
        process.nextTick(() => {
          void microtaskSteps(10).then(() => ran.push('consequence of the first'))
        })
      })
    })
    clock.schedule(1, () => ran.push('second'))

    await clock.advance(1)

    expect(ran).toEqual(['consequence of the first', 'second'])
  })

  it('waits for what the caller started before', async () => {
    const clock = new SimClock()
    const ran = vi.fn()
    void microtaskSteps(50).then(() => clock.schedule(5, ran))

    await clock.advance(5)

    expect(ran).toHaveBeenCalledTimes(1)
  })

  it('runs what callbacks schedule within the time', async () => {
    const clock = new SimClock()
    const ticks: number[] = []
    const tick = (): void => {
      ticks.push(clock.now())
      clock.schedule(clock.now() + 10, tick)
    }
    clock.schedule(10, tick)

    await clock.advance(35)
    expect(ticks).toEqual([10, 20, 30])
  })

  it('puts calls that overlap one after the other', async () => {
    const clock = new SimClock()
    const ran: number[] = []
    for (const at of [5, 10, 15, 30]) clock.schedule(at, () => ran.push(at))

    await Promise.all([clock.advance(10), clock.advance(5)])
    expect([clock.now(), ran]).toEqual([15, [5, 10, 15]])
  })

  it('may be called from inside a callback', async () => {
    const clock = new SimClock()
    let inner: Promise<void> | undefined
    clock.schedule(5, () => {
      inner = clock.advance(100)
    })
    await clock.advance(10)
    expect(clock.now()).toBe(10)

    await inner
    expect(clock.now()).toBe(110)
  })

  it('rejects with the error of a callback, and continues from there when called again', async () => {
    const clock = new SimClock()
    const after = vi.fn()
    clock.schedule(5, () => {
      throw new Error('bug in the code under test')
    })
    clock.schedule(6, after)

    await expect(clock.advance(10)).rejects.toThrow('bug in the code under test')
    expect([clock.now(), after.mock.calls.length]).toEqual([5, 0])
    await clock.advance(10)
    expect([clock.now(), after.mock.calls.length]).toEqual([15, 1])
  })

  it('says so when one instant never ends', async () => {
    const clock = new SimClock()
    let turns = 0
    const again = (): void => {
      turns += 1
      clock.schedule(clock.now(), again)
    }
    clock.schedule(7, again)

    await expect(clock.advance(10)).rejects.toThrow('time 7 never comes to an end')
    expect(turns).toBe(100_000)
  })

  it('works under fake timers', async () => {
    vi.useFakeTimers()
    try {
      const clock = new SimClock()
      const run = vi.fn()
      clock.schedule(5, run)
      await clock.advance(5)
      expect(run).toHaveBeenCalledTimes(1)
    } finally {
      vi.useRealTimers()
    }
  })
})
