import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { DeadlineExceededError } from '../errors.js'
import type { FallbackCause } from '../outcome.js'
import type { Timeline } from '../timeline.js'
import { AnswerCall } from './answer-call.js'
import { ClockReader } from './clock-reader.js'
import { CountingSignal } from './counting-signal.model.js'
import type { Inner, Outer } from './inside.js'
import type { Invocation } from './invocation.js'
import type { BreakerPart } from './stage.js'
import { Ties } from './ties.js'

describe('a clock reader', () => {
  /** A reader on a simulated clock, whose turns the test ends. */
  function stand() {
    const clock = new SimClock({ startMs: 1_000 })
    const timeline = { clock, maySpareReads: true, tellTurnEnd: () => undefined }
    // Only this much of a timeline is asked by a reader.
    return { clock, reader: new ClockReader(timeline as unknown as Timeline) }
  }

  /** Makes so many calls, each so much later than the one before; how many were told the time. */
  function told({ clock, reader }: ReturnType<typeof stand>, count: number, everyMs: number): number {
    let times = 0
    for (let call = 0; call < count; call++) {
      clock.stall(everyMs)
      if (reader.startTime() !== undefined) times++
    }
    return times
  }

  it('tells a busy pipeline every 128th time', () => {
    const busy = stand()
    told(busy, 1_000, 0.001)

    expect(told(busy, 1_280, 0.001)).toBe(10)
    expect(told(busy, 1_280, 0.004_99)).toBe(10)
  })

  it('tells the time at which a call begins', () => {
    const { clock, reader } = stand()

    expect(reader.startTime()).toBe(1_000)
    clock.stall(5)
    expect(reader.startTime()).toBe(1_005)
  })

  it('reads anew for the end of a call whose beginning was read', () => {
    const { clock, reader } = stand()
    reader.tick()
    clock.stall(5)

    expect(reader.endTime(1_000)).toBe(1_005)
    expect(reader.lastRead).toBe(1_000)
  })

  it('takes for the end of another the time of this turn, and reads in a new one', () => {
    const busy = stand()
    told(busy, 1_000, 0.001)
    const { lastRead } = busy.reader
    busy.clock.stall(5)

    expect(busy.reader.endTime(undefined)).toBe(lastRead)
    busy.reader.turnEnded()
    expect(busy.reader.endTime(undefined)).toBe(busy.clock.now())
    expect(busy.reader.lastRead).toBe(busy.clock.now())
  })

  it('tells the time to a breaker that has not heard it in this turn', () => {
    const advance = vi.fn()
    const breaker = { advance } as unknown as BreakerPart
    const busy = stand()
    told(busy, 1_000, 0.001)

    busy.reader.refresh(breaker)
    expect(advance).not.toHaveBeenCalled()
    busy.reader.turnEnded()
    busy.clock.stall(5)
    busy.reader.refresh(breaker)
    expect(advance.mock.calls).toEqual([[busy.clock.now()]])
  })

  it('has heard nothing in the beginning', () => {
    const { reader } = stand()
    const advance = vi.fn()

    reader.refresh({ advance } as unknown as BreakerPart)

    expect(advance.mock.calls).toEqual([[1_000]])
  })
})

describe('what ties a call to others', () => {
  it('says what is left of its work', () => {
    const ties = new Ties()

    expect(ties.workLeft).toBe('none')
    ties.abandoned = 1
    expect(ties.workLeft).toBe('runs on')
    ties.neverBegan = true
    expect(ties.workLeft).toBe('never began')
  })

  it('knows the reason of the signal that it listens to, and none without one', () => {
    const ties = new Ties()
    const signal = new CountingSignal()
    const aborted = vi.fn()
    expect(ties.abortReason).toBeUndefined()

    ties.listen(signal.asSignal, aborted)
    signal.abort('mine')

    expect(aborted).toHaveBeenCalledOnce()
    expect(ties.abortReason).toBe('mine')
  })

  it('stays behind with nobody when it is loosened, however often', () => {
    const ties = new Ties()
    const signal = new CountingSignal()
    const [aborted, cancel] = [vi.fn(), vi.fn()]
    const parent = { child: {} as Inner } as Outer
    ties.listen(signal.asSignal, aborted)
    ties.cancelTimer = cancel
    ties.parent = parent

    ties.loosen()
    signal.abort('late')

    expect(aborted).not.toHaveBeenCalled()
    expect(parent.child).toBeNull()
    ties.loosen()
    expect(cancel).toHaveBeenCalledOnce()
  })
})

describe('the call that a fallback sees', () => {
  const cause: FallbackCause = { kind: 'failure', error: 'boom', policy: undefined, attempt: 3 }

  function stand(endsAt: number) {
    const clock = new SimClock({ startMs: 1_000 })
    const invocation = { runner: { name: 'users', clock }, answerEndsAt: () => endsAt }
    return { clock, call: new AnswerCall(invocation as unknown as Invocation, cause) }
  }

  it('has the name of the pipeline and the number of the attempt that failed', () => {
    expect(stand(Infinity).call).toMatchObject({ name: 'users', attempt: 3, deadline: undefined })
    expect(stand(Infinity).call.remainingMs()).toBe(Infinity)
  })

  it('has the deadline of the caller’s budget', () => {
    const { call, clock } = stand(1_100)

    expect([call.deadline, call.remainingMs()]).toEqual([1_100, 100])
    clock.stall(200)
    expect(call.remainingMs()).toBe(0)
  })

  it.each(['before', 'after'])('has one signal, which aborts when it is asked for %s the end', (when) => {
    const { call } = stand(Infinity)
    const reason = new DeadlineExceededError('used up')
    if (when === 'before') expect(call.signal.aborted).toBe(false)

    call.abort(reason)

    expect(call.signal.aborted).toBe(true)
    expect(call.signal.reason).toBe(reason)
    expect(call.signal).toBe(call.signal)
  })

  it('is not aborted by being asked for', () => {
    expect(stand(Infinity).call.signal.aborted).toBe(false)
  })
})
