import { describe, expect, it } from 'vitest'
import { SimClock } from './sim-clock.js'

interface Trace {
  readonly clock: SimClock
  readonly ran: string[]
  readonly note: (name: string, then?: () => void) => () => void
}

function trace(): Trace {
  const clock = new SimClock()
  const ran: string[] = []
  const note = (name: string, then?: () => void) => () => {
    ran.push(`${name} at ${clock.now()}`)
    then?.()
  }
  return { clock, ran, note }
}

describe('one turn of the loop', () => {
  it('runs timers, then I/O, then what waits for the poll', async () => {
    const { clock, ran, note } = trace()
    clock.afterPoll(note('after poll'))
    clock.io(0, note('io'))
    clock.schedule(0, note('timer'))

    await clock.flush()
    expect(ran).toEqual(['timer at 0', 'io at 0', 'after poll at 0'])
  })

  it('puts off to the next turn what a phase adds to itself', async () => {
    const { clock, ran, note } = trace()
    clock.schedule(
      0,
      note('timer 1', () => clock.schedule(0, note('timer 2'))),
    )
    clock.io(
      0,
      note('io 1', () => clock.io(0, note('io 2'))),
    )
    clock.afterPoll(note('poll 1', () => clock.afterPoll(note('poll 2'))))

    await clock.flush()
    expect(ran).toEqual([
      'timer 1 at 0',
      'io 1 at 0',
      'poll 1 at 0',
      'timer 2 at 0',
      'io 2 at 0',
      'poll 2 at 0',
    ])
  })

  it('runs in the same turn what an earlier phase adds to a later one', async () => {
    const { clock, ran, note } = trace()
    clock.schedule(
      5,
      note('timer', () => {
        clock.afterPoll(note('after poll'))
        clock.io(5, note('new io'))
      }),
    )
    clock.io(5, note('io'))

    await clock.advance(5)
    expect(ran).toEqual(['timer at 5', 'io at 5', 'new io at 5', 'after poll at 5'])
  })

  it('turns for a single callback that waits for the poll', async () => {
    const { clock, ran, note } = trace()
    clock.afterPoll(note('after poll'))

    await clock.flush()
    expect(ran).toEqual(['after poll at 0'])
  })

  it('polls although nothing is to be delivered', async () => {
    const { clock, ran, note } = trace()
    clock.schedule(5, () => clock.afterPoll(note('after poll')))
    clock.io(6, note('io'))

    await clock.advance(10)
    expect(ran).toEqual(['after poll at 5', 'io at 6'])
  })
})

describe('stall', () => {
  it('lets time jump and runs nothing until the loop turns', () => {
    const { clock, ran, note } = trace()
    clock.schedule(5, note('timer'))
    clock.stall(100)

    expect(clock.now()).toBe(100)
    expect(ran).toEqual([])
  })

  it('makes all timers late first, then delivers all answers, whatever came first', async () => {
    const { clock, ran, note } = trace()
    clock.io(500, note('answer'))
    clock.io(300, note('other answer'))
    clock.schedule(1_000, note('deadline'))
    clock.schedule(2_000, note('exactly now'))
    clock.schedule(2_001, note('in time'))
    clock.stall(2_000)

    await clock.advance(1)
    expect(ran).toEqual([
      'deadline at 2000',
      'exactly now at 2000',
      'other answer at 2000',
      'answer at 2000',
      'in time at 2001',
    ])
  })

  it('D10 a deadline that waits for the poll when it is late lets the answer win', async () => {
    const settledBy = async (lagAware: boolean): Promise<string | undefined> => {
      const clock = new SimClock()
      const verdicts: string[] = []
      clock.io(50, () => verdicts.push('answer'))
      clock.schedule(1_000, () => {
        if (lagAware) clock.afterPoll(() => verdicts.push('timeout'))
        else verdicts.push('timeout')
      })
      clock.stall(2_000)
      await clock.flush()
      return verdicts[0]
    }

    expect(await settledBy(false)).toBe('timeout')
    expect(await settledBy(true)).toBe('answer')
  })

  it('inside a timer makes the timers behind it late, before any I/O', async () => {
    const { clock, ran, note } = trace()
    clock.schedule(
      10,
      note('slow timer', () => {
        clock.stall(100)
      }),
    )
    clock.schedule(50, note('late timer'))
    clock.io(20, note('answer'))

    await clock.advance(10)
    expect(ran).toEqual(['slow timer at 10', 'late timer at 110', 'answer at 110'])
    expect(clock.now()).toBe(110)
  })

  it('inside a delivery lets late timers come before the answers that arrived meanwhile', async () => {
    const { clock, ran, note } = trace()
    clock.io(
      10,
      note('slow delivery', () => {
        clock.stall(100)
      }),
    )
    clock.io(20, note('answer'))
    clock.schedule(50, note('late timer'))

    await clock.advance(200)
    expect(ran).toEqual(['slow delivery at 10', 'late timer at 110', 'answer at 110'])
    expect(clock.now()).toBe(210 - 10)
  })
})
