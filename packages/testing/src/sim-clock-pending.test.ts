import { describe, expect, it, vi } from 'vitest'
import { SimClock } from './sim-clock.js'

const NOTHING_PENDING = { timers: 0, background: 0, io: 0, afterPoll: 0 }

describe('cancelling', () => {
  it('K2 keeps a timer, a delivery and a poll callback from running, and is idempotent', async () => {
    const clock = new SimClock()
    const run = vi.fn()
    const cancels = [clock.schedule(5, run), clock.io(5, run), clock.afterPoll(run)]
    for (const cancel of [...cancels, ...cancels]) cancel()
    expect(clock.pending).toEqual(NOTHING_PENDING)

    await clock.advance(10)
    expect(run).not.toHaveBeenCalled()
  })

  it('K2 works among things that are due at the same instant', async () => {
    const clock = new SimClock()
    const victim = vi.fn()
    clock.schedule(5, () => {
      cancelTimer()
      cancelIo()
    })
    const cancelTimer = clock.schedule(5, victim)
    const cancelIo = clock.io(5, victim)

    await clock.advance(5)
    expect(victim).not.toHaveBeenCalled()
  })

  it('does nothing once the thing has run', async () => {
    const clock = new SimClock()
    const cancel = clock.schedule(5, () => undefined)
    const other = vi.fn()
    clock.schedule(6, other)
    await clock.advance(5)

    cancel()
    await clock.advance(1)
    expect(other).toHaveBeenCalledTimes(1)
  })
})

describe('pending', () => {
  it('counts each kind apart', () => {
    const clock = new SimClock()
    const nothing = (): void => undefined
    clock.schedule(1, nothing)
    clock.schedule(2, nothing, { background: false })
    clock.schedule(3, nothing, { background: true })
    clock.schedule(3, nothing, { background: true })
    clock.schedule(3, nothing, {})
    clock.io(4, nothing)
    clock.afterPoll(nothing)

    expect(clock.pending).toEqual({ timers: 3, background: 2, io: 1, afterPoll: 1 })
  })
})
