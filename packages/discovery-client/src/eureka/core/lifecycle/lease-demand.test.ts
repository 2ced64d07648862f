import { describe, expect, it } from 'vitest'
import { INTERVAL_MS, started } from './lease.model.js'

describe('a change while the registration of the one before is in the air', () => {
  it('is sent when that has landed: twice at once, and then when there is a token again', () => {
    const world = started()
    for (let change = 0; change < 3; change++) {
      world.tell({ kind: 'changed' })
      world.advance(10)
    }

    expect(world.times('register')).toEqual([0, 10, 20])
    world.advance(INTERVAL_MS)
    // The bucket was last full at 10, and half an interval makes a token.
    expect(world.times('register')).toEqual([0, 10, 20, 10 + INTERVAL_MS / 2])
    expect(world.isSettled).toBe(true)
  })
})

describe('changes that come all the time', () => {
  it.each([100, 7_500, 9_999])(
    'are sent as often as tokens come, also when one came every %d ms',
    (everyMs) => {
      const world = started()
      const minutes = 10
      for (let atMs = 0; atMs < minutes * 60_000; atMs += everyMs) {
        world.tell({ kind: 'changed' })
        world.advance(everyMs)
      }

      // The first one, two that are saved up, and then one for each half interval.
      const most = 1 + 2 + minutes * 4
      expect(world.times('register').length).toBeLessThanOrEqual(most)
      expect(world.times('register').length).toBeGreaterThan(most - 3)
    },
  )

  it('leave a retry its own time, which costs none of the tokens', () => {
    const world = started()
    world.advance(60_000)
    world.server = 'down'
    world.tell({ kind: 'changed' })
    world.advance(30_000)
    world.server = 'up'
    world.advance(30_000)
    const before = world.times('register').length

    for (let change = 0; change < 2; change++) {
      world.tell({ kind: 'changed' })
      world.advance(20)
    }

    expect(world.times('register').length).toBe(before + 2)
  })
})
