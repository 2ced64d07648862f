import { describe, expect, it } from 'vitest'
import { Health } from './health.js'

describe('health counts', () => {
  it('are those of closed buckets, from the end of their own for as long as the window', () => {
    const health = new Health({ windowMs: 300, buckets: 3 }, 1_000.25)
    health.record(true)
    health.record(false)
    const seen = [1_100, 1_100.25, 1_400, 1_400.25].map((now) => {
      health.advance(now)
      return health.counts()
    })

    const none = { total: 0, errors: 0, percent: 0 }
    const both = { total: 2, errors: 1, percent: 50 }
    expect(seen).toEqual([none, both, both, none])
  })

  it('close one bucket after the other, each at its own time', () => {
    const health = new Health({ windowMs: 20, buckets: 2 }, 5)
    health.record(true)
    const ends: number[] = []
    while (health.closeNext(40, false)) ends.push(health.closedAt)

    expect(ends).toEqual([15, 25, 35])
  })

  it.each([1, 3])('close a bucket at its end, however that rounds (%d)', (ulps) => {
    const beganAt = 16_284 + ulps * 2 ** -39
    const health = new Health({ windowMs: 2_000, buckets: 10 }, beganAt)
    health.record(true)
    health.advance(beganAt + 200)

    expect(health.counts().total).toBe(1)
    expect(health.closedAt).toBe(beganAt + 200)
  })

  it('close empty ones only for those to whom they matter', () => {
    const health = new Health({ windowMs: 20, buckets: 2 }, 5)

    expect([health.closeNext(16, false), health.closeNext(14, true)]).toEqual([false, false])
    expect([health.closeNext(16, true), health.closedAt, health.closeNext(16, true)]).toEqual([
      true,
      15,
      false,
    ])
  })

  it('W6 stay when time goes back', () => {
    const health = new Health({ windowMs: 20, buckets: 2 }, 0)
    health.record(true)
    health.advance(10)
    health.advance(-50)

    expect(health.counts().total).toBe(1)
  })

  it('W8 are taken over with their ages', () => {
    const health = new Health({ windowMs: 30, buckets: 3 }, 50)
    health.record(true)
    health.advance(60)
    health.record(false)
    const again = new Health({ windowMs: 30, buckets: 3 }, 100)
    again.restore(health.save(60))
    const totals = [100, 110, 120, 130].map((now) => {
      again.advance(now)
      return again.counts().total
    })

    expect(totals).toEqual([2, 2, 2, 0])
  })

  it.each([
    [1, 3, 33],
    [2, 3, 66],
    [29, 100, 28],
    [3, 3, 100],
    [0, 3, 0],
  ])('cut %i errors of %i off to %i %%', (errors, total, percent) => {
    const health = new Health({ windowMs: 10, buckets: 1 }, 0)
    for (let call = 0; call < total; call++) health.record(call < errors)
    health.advance(10)

    expect(health.counts()).toEqual({ total, errors, percent })
  })
})
