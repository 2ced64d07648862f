import { Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { exactClock, systemClock } from './clock.js'
import type { Cancel, Clock } from './clock.js'
import { leave } from './core/arrivals.js'
import { Waiter } from './deadline.model.js'
import { Timeline, timelineOf } from './timeline.js'
import type { TurnListener } from './timeline.js'

const never = (): Promise<never> => new Promise(() => undefined)
const NOTHING_LEFT = { timers: 0, background: 0, io: 0, afterPoll: 0 }

describe('a timeline', () => {
  it('is one for each clock', () => {
    const clock = new SimClock()

    expect(timelineOf(clock)).toBe(timelineOf(clock))
    expect(timelineOf(new SimClock())).not.toBe(timelineOf(clock))
    expect(timelineOf(systemClock)).not.toBe(timelineOf(exactClock))
  })

  it('spares reads on the plain system clock only', () => {
    expect(timelineOf(systemClock).maySpareReads).toBe(true)
    expect(timelineOf(exactClock).maySpareReads).toBe(false)
    expect(timelineOf(new SimClock()).maySpareReads).toBe(false)
  })

  it('has one line for each whole number of milliseconds, rounded up', () => {
    const timeline = timelineOf(new SimClock())

    expect(timeline.line(9.2)).toBe(timeline.line(10))
    expect(timeline.line(10)).not.toBe(timeline.line(11))
    expect(timeline.line(10).durationMs).toBe(10)
  })

  it('keeps lines in which somebody waits, and drops idle ones when there are many', async () => {
    const clock = new SimClock()
    const timeline = timelineOf(clock)
    const busy = timeline.line(5)
    const idle = timeline.line(6)
    const waiter = new Waiter()
    busy.join(waiter, clock.now())

    for (let durationMs = 100; durationMs < 300; durationMs++) timeline.line(durationMs)

    expect(timeline.line(5)).toBe(busy)
    expect(timeline.line(6)).not.toBe(idle)
    await clock.advance(5)
    expect(waiter.ended).toBe(true)
  })

  it('serves who waits in a dropped line', async () => {
    const clock = new SimClock()
    const timeline = timelineOf(clock)
    const line = timeline.line(5)
    for (let durationMs = 100; durationMs < 300; durationMs++) timeline.line(durationMs)
    const waiter = new Waiter()

    line.join(waiter, clock.now())
    await clock.advance(5)

    expect(waiter.ended).toBe(true)
  })

  it('K4: keeps few timers for calls that have ended, however different their times were', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 600_000, clock })

    for (let call = 0; call < 3_000; call++)
      await timeout.execute(() => Promise.resolve(call), { budgetMs: 60_000 + ((call * 379) % 1_000) })

    expect(clock.pending.timers + clock.pending.background).toBeLessThan(100)
  })

  it('leaves no timer after 100 000 calls with all sorts of times', async () => {
    const clock = new SimClock()
    const timeouts = [10, 50, 50, 1_000].map((timeoutMs) => new Timeout({ timeoutMs, clock }))

    for (let call = 0; call < 100_000; call++) {
      const timeout = timeouts[call % 4] ?? new Timeout({ timeoutMs: 1 })
      void timeout.execute(() => call, call % 100 === 0 ? { budgetMs: 1 + (call % 977) } : undefined)
    }
    expect(clock.pending.timers).toBe(0)
    expect(clock.pending.background).toBeLessThan(1_000)
    await clock.advance(1_000)

    expect(clock.pending).toEqual(NOTHING_LEFT)
  })
})

describe('a clock of the user’s own', () => {
  it('without afterPoll works all the same, with or without times', async () => {
    const sim = new SimClock()
    const clock: Clock = {
      now: () => sim.now(),
      epochNow: () => sim.epochNow(),
      schedule: (at, run, options): Cancel => sim.schedule(at, run, options),
    }
    const timeline = timelineOf(clock)
    const [stamped, unstamped] = [new Waiter(), new Waiter()]
    timeline.line(10).join(stamped, clock.now())
    timeline.line(20).join(unstamped, undefined)

    await sim.advance(10)
    expect([stamped.ended, unstamped.ended]).toEqual([true, false])
    await sim.advance(10)

    expect(unstamped.ended).toBe(true)
    expect(sim.pending).toEqual(NOTHING_LEFT)
  })

  it('that ignores options and fires early is not believed', async () => {
    const sim = new SimClock()
    const hasty: Clock = {
      now: () => sim.now(),
      epochNow: () => sim.epochNow(),
      schedule: (at, run): Cancel => sim.schedule(Math.min(at, sim.now() + 3), run),
    }
    const ends: number[] = []
    void new Timeout({ timeoutMs: 10, clock: hasty }).outcome(never).then(() => ends.push(sim.now()))

    await sim.advance(50)

    expect(ends).toEqual([10])
  })
})

describe('turns', () => {
  it('are told when they end, once to each who asked', async () => {
    const clock = new SimClock()
    const timeline = timelineOf(clock)
    const told: string[] = []
    const listener = (name: string): TurnListener => ({ turnEnded: () => told.push(name) })

    timeline.tellTurnEnd(listener('one'))
    timeline.tellTurnEnd(listener('two'))
    expect(told).toEqual([])
    expect(clock.pending).toEqual({ ...NOTHING_LEFT, afterPoll: 1 })
    await clock.flush()
    expect(told).toEqual(['one', 'two'])
    await clock.advance(1_000)
    expect(clock.pending).toEqual(NOTHING_LEFT)
    timeline.tellTurnEnd(listener('three'))
    await clock.flush()

    expect(told).toEqual(['one', 'two', 'three'])
  })

  it('tell each line the time of those who joined without one, turn by turn', async () => {
    const clock = new SimClock()
    const timeline = timelineOf(clock)
    const waiters = [new Waiter(), new Waiter()]
    timeline.line(10).join(waiters[0]!, undefined)
    await clock.advance(5)
    timeline.line(10).join(waiters[1]!, undefined)
    await clock.flush()

    expect(waiters.map(({ at }) => at)).toEqual([10, 15])
    await clock.advance(10)
    expect(waiters.map(({ ended }) => ended)).toEqual([true, true])
  })
})

describe('when nothing else is left to do for the process', () => {
  it.each([
    ['plain', systemClock],
    ['exact', exactClock],
  ])('the timers of the %s clock keep it alive, as long as somebody waits', (_name, clock) => {
    const unref = vi.fn()
    const timer = vi.spyOn(globalThis, 'setTimeout').mockReturnValue({ unref } as never)
    const timeline = new Timeline(clock)
    const waiter = new Waiter()
    timeline.line(50).join(waiter, clock.now())
    timeline.line(60)

    const background = [timer.mock.calls.length, unref.mock.calls.length]
    process.emit('beforeExit', 0)
    leave(waiter)

    expect(background).toEqual([1, 1])
    expect([timer.mock.calls.length, unref.mock.calls.length]).toEqual([2, 1])
  })

  it('nothing does when nobody waits', () => {
    const clock = new SimClock()
    const timeline = new Timeline(clock)
    const answered = new Waiter()
    timeline.line(50).join(answered, clock.now())
    leave(answered)

    timeline.holdProcess()

    expect(clock.pending).toMatchObject({ timers: 0, background: 1 })
  })

  it('it is kept until the first of all times is over, also of those who have no time yet', async () => {
    const clock = new SimClock()
    const timeline = new Timeline(clock)
    const ends: number[] = []
    timeline.line(90).join(new Waiter(), clock.now())
    timeline.line(50).join(new Waiter(() => ends.push(clock.now())), undefined)

    timeline.holdProcess()
    await clock.advance(49)
    const before = clock.pending.timers
    await clock.advance(1)

    expect([before, ends]).toEqual([1, [50]])
    expect(clock.pending.timers).toBe(1)
    await clock.advance(40)
    expect(clock.pending).toEqual(NOTHING_LEFT)
  })

  it('it is looked again as soon as the first time is over', () => {
    const clock = new SimClock()
    const timeline = new Timeline(clock)
    for (const durationMs of [90, 50, 70]) timeline.line(durationMs).join(new Waiter(), clock.now())
    const schedule = vi.spyOn(clock, 'schedule')

    timeline.holdProcess()

    expect(schedule.mock.calls.map(([at]) => at)).toEqual([50])
  })

  it('nobody is waited for who was answered meanwhile, however long his time', async () => {
    const clock = new SimClock()
    const timeline = new Timeline(clock)
    const patient = new Waiter()
    timeline.line(60_000).join(patient, clock.now())
    timeline.line(100).join(new Waiter(() => leave(patient)), clock.now())

    timeline.holdProcess()
    await clock.advance(1_000)

    expect(clock.pending).toMatchObject({ timers: 0, background: 1 })
  })

  it('somebody who may be answered at any time is looked after every quarter of a second', async () => {
    const clock = new SimClock()
    const timeline = new Timeline(clock)
    const patient = new Waiter()
    timeline.line(60_000).join(patient, clock.now())

    timeline.holdProcess()
    await clock.advance(10_000)
    const held = clock.pending.timers
    leave(patient)
    await clock.advance(250)

    expect([held, clock.pending.timers]).toEqual([1, 0])
  })

  it('those of other clocks are left alone', () => {
    const clock = new SimClock()
    new Timeline(clock).line(50).join(new Waiter(), clock.now())

    process.emit('beforeExit', 0)

    expect(clock.pending).toMatchObject({ timers: 0, background: 1 })
  })

  it('one listener asks for all, of whatever copy of this package', async () => {
    timelineOf(systemClock)
    const listeners = process.listenerCount('beforeExit')
    const holdProcess = vi.fn()

    vi.resetModules()
    const copy = await import('./hold-at-exit.js')
    copy.holdAtExit({ holdProcess })
    new Timeline(exactClock)
    const after = process.listenerCount('beforeExit')
    process.emit('beforeExit', 0)

    expect(after).toBe(listeners)
    expect(holdProcess).toHaveBeenCalledOnce()
  })
})
