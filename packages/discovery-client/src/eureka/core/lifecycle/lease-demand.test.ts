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
