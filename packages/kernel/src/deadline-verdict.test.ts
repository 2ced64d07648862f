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

    clock.stall(500)
    await clock.flush()

    expect(expired).toEqual([['silent', 500]])
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
    // Accepted, read, and read on: one poll each.
    clock.io(90, () => clock.io(clock.now(), () => clock.io(clock.now(), () => leave(answered))))

    clock.stall(500)
    await clock.flush()

    expect(expired).toEqual([['silent', 500]])
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

describe('holdProcess', () => {
  it('trades the background timer for one that keeps the process alive', async () => {
    const { clock, line, waiter, expired } = stand()
    line.join(waiter(), clock.now())
    await clock.advance(40)

    line.holdProcess()
    expect(clock.pending).toMatchObject({ timers: 1, background: 0 })
    await clock.advance(60)

    expect(expired).toEqual([['x', 100]])
    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  })

  it('does nothing when nobody waits', async () => {
    const { clock, line, waiter } = stand()
    const one = waiter()
    line.join(one, clock.now())
    leave(one)

    line.holdProcess()

    expect(clock.pending).toMatchObject({ timers: 0, background: 1 })
  })

  it('holds for one without a time too', () => {
    const { clock, line, waiter } = stand()
    line.join(waiter(), undefined)

    line.holdProcess()

    expect(clock.pending).toMatchObject({ timers: 1, background: 0 })
  })
})
