import { afterEach, describe, expect, it, vi } from 'vitest'
import { leave } from './core/arrivals.js'
import { stand, Waiter } from './deadline.model.js'
import { onInternalError } from './internal-errors.js'

const reported = vi.fn()
let unsubscribe = (): void => undefined
afterEach(() => unsubscribe())

describe('a deadline line', () => {
  it('ends each wait after its duration, in order of arrival', async () => {
    const { clock, line, waiter, expired } = stand()

    line.join(waiter('a'), clock.now())
    await clock.advance(30)
    line.join(waiter('b'), clock.now())
    line.join(waiter('c'), clock.now())
    await clock.advance(200)

    expect(expired).toEqual([
      ['a', 100],
      ['b', 130],
      ['c', 130],
    ])
    expect(line.isEmpty).toBe(true)
  })

  it('needs one timer, whoever comes and goes', async () => {
    const { clock, line, waiter } = stand()

    for (let round = 0; round < 1_000; round++) {
      const one = waiter()
      line.join(one, clock.now())
      if (round % 3 > 0) leave(one)
    }
    expect(clock.pending).toEqual({ timers: 0, background: 1, io: 0, afterPoll: 0 })

    await clock.advance(100)
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  it('wakes about once per duration while all end in time', async () => {
    const { clock, line, waiter, armed } = stand()

    for (let ms = 0; ms < 1_000; ms++) {
      const one = waiter()
      line.join(one, clock.now())
      await clock.advance(1)
      leave(one)
    }

    expect(armed.filter(Boolean).length).toBeLessThanOrEqual(12)
  })

  it('forgets who leaves, from any place, any number of times', async () => {
    const { clock, line, waiter, expired } = stand()
    const [a, b, c, d] = [waiter('a'), waiter('b'), waiter('c'), waiter('d')]
    for (const one of [a, b, c, d]) line.join(one, clock.now())

    for (const one of [b, a, d, d]) leave(one)
    leave(waiter('never joined'))
    await clock.advance(200)

    expect(expired).toEqual([['c', 100]])
  })

  it('lets one join again who has left or whose time was over', async () => {
    const { clock, line, waiter, expired } = stand()
    const one = waiter()
    line.join(one, clock.now())
    leave(one)
    await clock.advance(50)

    line.join(one, clock.now())
    await clock.advance(100)
    line.join(one, clock.now())
    await clock.advance(100)

    expect(expired).toEqual([
      ['x', 150],
      ['x', 250],
    ])
  })

  it('goes on when one throws, and reports it', async () => {
    unsubscribe = onInternalError((error, where) => reported(where, (error as Error).message))
    const { clock, line, waiter, expired } = stand()
    const throwing = new Waiter(() => {
      throw new Error('expire')
    })

    line.join(throwing, clock.now())
    line.join(waiter('next'), clock.now())
    await clock.advance(100)

    expect(expired).toEqual([['next', 100]])
    expect(reported.mock.calls).toEqual([['deadline', 'expire']])
  })

  it('can be joined and left from inside of an end', async () => {
    const { clock, line, waiter, expired } = stand()
    const left = waiter('left')
    const busy = new Waiter(() => {
      leave(left)
      line.join(waiter('joined'), clock.now())
    })

    line.join(busy, clock.now())
    line.join(left, clock.now())
    await clock.advance(300)

    expect(expired).toEqual([['joined', 200]])
    expect(clock.pending.background).toBe(0)
  })
})

describe('the timer of a line', () => {
  it.each([0, undefined])('rings once for one who joins at %s', async (now) => {
    const { clock, line, waiter, endTurn, armed, expired } = stand()

    line.join(waiter(), now)
    endTurn()
    await clock.advance(300)

    expect(expired).toEqual([['x', 100]])
    expect(armed).toEqual([true, false])
  })

  it('is given back when nobody waits, and set again for whoever joins then', () => {
    const { clock, line, waiter, armed } = stand()
    const answered = waiter()
    line.join(answered, clock.now())
    leave(answered)

    line.disarm()
    const given = [...armed]
    line.join(waiter(), clock.now())

    expect(given).toEqual([true, false])
    expect(armed).toEqual([true, false, true])
    expect(clock.pending.background).toBe(1)
  })

  it('is for those who came before, when one joins from inside of an end', async () => {
    const { clock, line, waiter, expired } = stand()
    const first = new Waiter(() => line.join(waiter('last'), clock.now()))
    line.join(first, clock.now())
    await clock.advance(30)
    line.join(waiter('next'), clock.now())

    await clock.advance(300)

    expect(expired).toEqual([
      ['next', 130],
      ['last', 200],
    ])
  })

  it('rings for one who joined from inside of an end without a time', async () => {
    const { clock, line, waiter, armed, expired } = stand()
    line.join(new Waiter(() => line.join(waiter(), undefined)), clock.now())

    await clock.advance(300)

    // Nobody told the time before it rang at 200.
    expect(expired).toEqual([['x', 300]])
    expect(armed).toEqual([true, false, true, false, true, false])
  })
})

describe('those who join without a time', () => {
  it('are given one in each turn', async () => {
    const { clock, line, waiter, endTurn, asked, expired } = stand()
    line.join(waiter('a'), undefined)
    endTurn()
    await clock.advance(10)
    line.join(waiter('b'), undefined)
    expect(asked()).toBe(1)
    endTurn()
    await clock.advance(200)

    expect(expired).toEqual([
      ['a', 100],
      ['b', 110],
    ])
  })

  it('never end early: their time starts at the end of the turn', async () => {
    const { clock, line, waiter, endTurn, asked, expired } = stand()

    line.join(waiter('a'), undefined)
    line.join(waiter('b'), undefined)
    expect(asked()).toBe(1)
    clock.stall(40)
    endTurn()
    await clock.advance(200)

    expect(expired).toEqual([
      ['a', 140],
      ['b', 140],
    ])
  })

  it('get the time of who joins after them with one, which is no earlier than theirs', async () => {
    const { clock, line, waiter, endTurn, expired } = stand()

    line.join(waiter('a'), undefined)
    clock.stall(10)
    line.join(waiter('b'), clock.now())
    line.join(waiter('c'), undefined)
    clock.stall(10)
    endTurn()
    await clock.advance(200)

    expect(expired).toEqual([
      ['a', 110],
      ['b', 110],
      ['c', 120],
    ])
  })

  it('get the time of the timer when it fires before the turn was over', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter('a'), clock.now())
    await clock.advance(95)
    line.join(waiter('b'), undefined)
    expect(line.isEmpty).toBe(false)

    await clock.advance(5)
    expect(expired).toEqual([['a', 100]])
    await clock.advance(100)

    expect(expired).toEqual([
      ['a', 100],
      ['b', 200],
    ])
  })

  it('and leave before they got one, leave no trace', async () => {
    const { clock, line, waiter, endTurn, expired } = stand()
    const one = waiter('gone')
    line.join(one, undefined)

    leave(one)
    endTurn()
    line.join(waiter('b'), clock.now())
    await clock.advance(200)

    expect(expired).toEqual([['b', 100]])
  })
})
