import { expect, it } from 'vitest'
import { Shares } from './shares.js'

it('rounds up, so that each kind is sure of one slot', () => {
  const shares = new Shares({ live: 65, batch: 10, none: 0 }, 10)

  expect(shares.snapshot()).toEqual({
    live: { running: 0, limit: 7 },
    batch: { running: 0, limit: 1 },
    none: { running: 0, limit: 1 },
  })
})

it('follows the limit of all together', () => {
  const shares = new Shares({ live: 50 }, 10)

  shares.resize(31)

  expect(shares.of('live').limit).toBe(16)
})

it('knows one share for all that nobody has spoken of', () => {
  const shares = new Shares({ live: 50 }, 10)
  shares.resize(100)

  expect(shares.of('toString')).toBe(shares.of(undefined))
  expect(shares.of('other').limit).toBe(1)
})
