import { describe, expect, it } from 'vitest'
import { leave } from './core/arrivals.js'
import { stand } from './deadline.model.js'

describe('the verdict of a line', () => {
  it('waits for the poll: who is answered meanwhile is spared', async () => {
    const { clock, line, waiter, expired } = stand()
    const [answered, silent] = [waiter('answered'), waiter('silent')]
    line.join(answered, clock.now())
    line.join(silent, clock.now())
    clock.io(90, () => leave(answered))

    clock.stall(110)
    await clock.flush()

    expect(expired).toEqual([['silent', 110]])
  })

  it('falls only on those whose time was over when the timer fired', async () => {
    const { clock, line, waiter, expired } = stand()
    const answered = waiter('answered')
    line.join(waiter('silent'), 0)
    clock.stall(50)
    line.join(answered, clock.now())
    // The poll before the verdict takes until after the end of the second, whose answer can be read in the next one only.
    clock.io(100, () => clock.stall(60))
    clock.io(149, () => leave(answered))

    await clock.advance(300)

    expect(expired).toEqual([['silent', 160]])
  })

  it('asks the clock to tell when the loop has polled', async () => {
    const { clock, line, waiter } = stand()
    const asked: number[] = []
    line.join(waiter(), clock.now())
    clock.io(100, () => asked.push(clock.pending.afterPoll))

    await clock.advance(100)

    expect(asked).toEqual([1])
  })

  it('spares those who join while it waits', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter('a'), 0)
    clock.io(100, () => line.join(waiter('b'), clock.now()))

    await clock.advance(300)

    expect(expired).toEqual([
      ['a', 100],
      ['b', 200],
    ])
  })

  it('waits for three polls when the timer rang so late that the loop must have stalled', async () => {
    const { clock, line, waiter, expired } = stand()
    const answered = waiter('answered')
    line.join(answered, clock.now())
    line.join(waiter('silent'), clock.now())
    await clock.advance(99)
    // Accepted, read, and read on: one poll each.
    clock.io(99, () => clock.io(clock.now(), () => clock.io(clock.now(), () => leave(answered))))

    clock.stall(500)
    await clock.flush()

    expect(expired).toEqual([['silent', 599]])
  })

  it('waits for one poll when the timer rang in time', async () => {
    const { clock, line, waiter, expired } = stand()
    const [first, second] = [waiter('needs one poll'), waiter('needs two polls')]
    line.join(first, clock.now())
    line.join(second, clock.now())
    clock.io(100, () => {
      leave(first)
      clock.io(clock.now(), () => leave(second))
    })

    await clock.advance(100)

    expect(expired).toEqual([['needs two polls', 100]])
  })
})

describe('a stall that goes beyond the end of a wait', () => {
  it('gives half of the time back that it took', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter('a'), clock.now())
    await clock.advance(20)
    line.join(waiter('b'), clock.now())

    clock.stall(1_000)
    await clock.advance(200)

    // It took 80 ms of the first; the second came 20 ms later.
    expect(expired).toEqual([
      ['a', 1_060],
      ['b', 1_080],
    ])
  })

  it('gives nobody more than his own lag', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter('a'), clock.now())

    clock.stall(130)
    await clock.advance(200)

    expect(expired).toEqual([['a', 145]])
  })

  it('gives back of what it took itself, whatever the loop had done before', async () => {
    const { clock, line, waiter, armed, expired } = stand()
    clock.stall(70)
    line.join(waiter('a'), clock.now())
    await clock.advance(60)

    clock.stall(100)
    await clock.advance(200)

    // The end was at 170; of the stall 40 ms were before it.
    expect(expired).toEqual([['a', 250]])
    expect(armed).toEqual([true, false, true, false])
  })

  it('gives nothing to those who join after it', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter('a'), clock.now())
    clock.stall(1_000)
    line.join(waiter('b'), clock.now())

    await clock.advance(200)

    expect(expired.at(-1)).toEqual(['b', 1_100])
  })

  it('gives only once', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter('a'), clock.now())
    clock.stall(1_000)
    await clock.flush()
    clock.stall(1_000)

    await clock.flush()

    expect(expired).toEqual([['a', 2_000]])
  })

  it('is told from a busy loop by those who joined meanwhile', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter('a'), clock.now())
    await clock.advance(90)
    line.join(waiter('b'), clock.now())

    clock.stall(50)
    await clock.advance(200)

    expect(expired[0]).toEqual(['a', 145])
  })

  it('gives nothing where the clock does not tell what a stall was', async () => {
    const { clock, line, waiter, expired } = stand()
    Object.defineProperty(clock, 'idleMs', { value: undefined })
    line.join(waiter('a'), clock.now())

    clock.stall(1_000)
    await clock.flush()

    expect(expired).toEqual([['a', 1_000]])
  })
})
