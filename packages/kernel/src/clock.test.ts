import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { exactClock, systemClock } from './clock.js'
import type { Cancel } from './clock.js'

const DAY_MS = 86_400_000
const LONGEST_NODE_TIMER_MS = 2 ** 31 - 1

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance', 'Date'],
    })
    vi.advanceTimersByTime(5_000)
  })
  afterEach(() => {
    // In this order: restoring a spy on a fake function would put the fake back.
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  it('goes by the real clock again as soon as the timers are real', () => {
    expect(systemClock.now()).toBe(performance.now())
    vi.useRealTimers()

    const before = performance.now()
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
    expect(systemClock.now()).toBeLessThanOrEqual(performance.now())
  })

  it('goes by the real clock while the timers are real, whatever else is faked', () => {
    vi.useRealTimers()
    const before = performance.now()
    vi.stubGlobal('performance', { now: () => -1 })

    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
  })

  it('tells monotonic and wall-clock time apart', () => {
    vi.setSystemTime(1_700_000_000_000)
    const before = systemClock.now()

    vi.advanceTimersByTime(250)
    expect(systemClock.now() - before).toBe(250)
    expect(systemClock.epochNow()).toBe(1_700_000_000_250)

    vi.setSystemTime(0)
    expect(systemClock.now() - before).toBe(250)
    expect(systemClock.epochNow()).toBe(0)
  })

  it('runs a timer once, at its time', () => {
    const run = vi.fn()
    systemClock.schedule(systemClock.now() + 20, run)

    vi.advanceTimersByTime(19)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(DAY_MS)
    expect(run).toHaveBeenCalledTimes(1)
  })

  it.each([-5, 0, NaN])(
    'runs a timer that is due (%d ms from now) soon, but never synchronously',
    (delayMs) => {
      const run = vi.fn()
      const timer = vi.spyOn(globalThis, 'setTimeout')
      systemClock.schedule(systemClock.now() + delayMs, run)

      // Node prints a warning when it is given NaN.
      expect(timer.mock.calls.map(([, wait]) => wait)).toEqual([0])
      expect(run).not.toHaveBeenCalled()
      vi.advanceTimersByTime(1)
      expect(run).toHaveBeenCalledTimes(1)
    },
  )

  it('waits out the rest when Node fires early', () => {
    const at = systemClock.now() + 10
    let early = 0.4
    const realNow = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => realNow() - early)
    const run = vi.fn()
    systemClock.schedule(at - early, run)
    early = 0.9

    vi.advanceTimersByTime(10)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(1)
  })

  it('waits longer than one Node timer can', () => {
    const run = vi.fn()
    const timer = vi.spyOn(globalThis, 'setTimeout')
    systemClock.schedule(systemClock.now() + LONGEST_NODE_TIMER_MS + 1_000, run)

    vi.advanceTimersByTime(LONGEST_NODE_TIMER_MS + 999)
    expect(run).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(run).toHaveBeenCalledTimes(1)
    expect(timer.mock.calls.map(([, delayMs]) => delayMs)).toEqual([LONGEST_NODE_TIMER_MS, 1_000])
  })

  it('K2 a cancelled timer never fires, also in the second leg of a long wait, and cancelling twice is harmless', () => {
    const run = vi.fn()
    const short = systemClock.schedule(systemClock.now() + 10, run)
    const long = systemClock.schedule(systemClock.now() + LONGEST_NODE_TIMER_MS + 10, run)
    short()
    short()

    vi.advanceTimersByTime(LONGEST_NODE_TIMER_MS)
    long()
    long()
    vi.advanceTimersByTime(DAY_MS)
    expect(run).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('may be cancelled from inside its own run, to no effect', () => {
    const run = vi.fn(() => {
      cancel()
    })
    const cancel = systemClock.schedule(systemClock.now() + 1, run)

    vi.advanceTimersByTime(5)
    expect(run).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('exactClock', () => {
  it('is the system clock, but another object', () => {
    expect({ ...exactClock }).toEqual({ ...systemClock })
    expect(exactClock).not.toBe(systemClock)
  })
})

describe('systemClock on the real event loop', () => {
  it('tells how long the loop has had nothing to do', () => {
    expect(systemClock.idleMs?.()).toBeGreaterThanOrEqual(0)
  })

  const keepingAlive = (kind: string): number =>
    process.getActiveResourcesInfo().filter((resource) => resource === kind).length

  it('keeps the process alive for a timer that somebody waits for, not for a background one', () => {
    const before = keepingAlive('Timeout')
    const cancelForeground = systemClock.schedule(systemClock.now() + DAY_MS, () => undefined)
    const withForeground = keepingAlive('Timeout')
    const cancelBackground = systemClock.schedule(systemClock.now() + DAY_MS, () => undefined, {
      background: true,
    })
    const withBoth = keepingAlive('Timeout')
    cancelForeground()
    cancelBackground()

    expect([withForeground, withBoth, keepingAlive('Timeout')]).toEqual([before + 1, before + 1, before])
  })

  it('leaves nothing of a cancelled background timer in Node, which keeps a list for each duration', () => {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    // The longest time there is, so that both are of the same duration to the millisecond.
    const begin = (): Cancel =>
      systemClock.schedule(systemClock.now() + 2 ** 32, () => undefined, { background: true })

    const cancel = begin()
    // While a timer is alone, its list is what comes next.
    const lists = timers.mock.results.map(({ value }) => Reflect.get(value as object, '_idleNext') as unknown)
    cancel()
    cancel()
    const cancelNext = begin()
    const after = Reflect.get(timers.mock.results[1]?.value as object, '_idleNext') as unknown
    cancelNext()

    expect(lists).toHaveLength(1)
    expect(after).not.toBe(lists[0])
  })

  it('polls once before it runs what waits for the poll, unless that is cancelled', async () => {
    const order: string[] = []

    await new Promise<void>((resolve) => {
      systemClock.afterPoll?.(() => order.push('cancelled'))()
      systemClock.afterPoll?.(() => {
        order.push('after poll')
        resolve()
      })
      process.nextTick(() => order.push('tick'))
    })

    expect(order).toEqual(['tick', 'after poll'])
  })
})

describe('the clocks of the process', () => {
  it('are the same for every copy of the package', async () => {
    vi.resetModules()
    const copy = await import('./clock.js')

    expect(copy.systemClock).toBe(systemClock)
    expect(copy.exactClock).toBe(exactClock)
    expect(exactClock).not.toBe(systemClock)
  })

  it('let every copy spare reads of the one, and of no other', async () => {
    vi.resetModules()
    const { timelineOf } = await import('./timeline.js')

    expect([systemClock, exactClock].map((clock) => timelineOf(clock).maySpareReads)).toEqual([true, false])
  })
})

// Of this or any other release.
it.each([
  ['breakwater.system-clock@1', systemClock],
  ['breakwater.exact-clock@1', exactClock],
])('%s is where other copies of the package find the clock', (name, clock) => {
  expect(Reflect.get(globalThis, Symbol.for(name))).toBe(clock)
})
