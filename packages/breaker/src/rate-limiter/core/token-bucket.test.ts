import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.js'

const TEN_A_SECOND = { rate: 10, perMs: 1_000, burst: 3 }

function taken(bucket: TokenBucket, now: number): number {
  let count = 0
  while (bucket.tryTake(1, now)) count++
  return count
}

describe('a token bucket', () => {
  it('is full at first and holds no more than its burst', () => {
    const bucket = new TokenBucket(TEN_A_SECOND, 0)

    expect(taken(bucket, 0)).toBe(3)
    expect(taken(bucket, 3_600_000)).toBe(3)
  })

  it('fills evenly', () => {
    const bucket = new TokenBucket(TEN_A_SECOND, 0)
    taken(bucket, 0)

    expect([99, 100, 199, 200].map((now) => taken(bucket, now))).toEqual([0, 1, 0, 1])
  })

  it('takes several tokens or none', () => {
    const bucket = new TokenBucket(TEN_A_SECOND, 0)

    expect(bucket.tryTake(2, 0)).toBe(true)
    expect(bucket.tryTake(2, 0)).toBe(false)
    expect(bucket.available(0)).toBe(1)
  })

  it('lets exactly its rate through in a day of thirds of milliseconds', () => {
    const bucket = new TokenBucket({ rate: 3, perMs: 1_000, burst: 1 }, 0)
    let count = 0
    for (let now = 0; now < 86_400_000; now += bucket.waitMs(1, now)) count += taken(bucket, now)

    // Each waits for a whole microsecond, so every third one comes two thirds of one late.
    expect(count).toBe(86_400 * 3)
  })

  it('says how long to wait', () => {
    const bucket = new TokenBucket(TEN_A_SECOND, 0)
    taken(bucket, 0)

    expect([1, 2, 5].map((count) => bucket.waitMs(count, 30))).toEqual([70, 170, 470])
    expect(bucket.waitMs(1, 100)).toBe(0)
  })

  it('counts on after a clock was set back', () => {
    const bucket = new TokenBucket(TEN_A_SECOND, 86_400_000)
    taken(bucket, 86_400_000)

    expect([0, 100, 200].map((now) => taken(bucket, now))).toEqual([0, 1, 1])
  })

  it('does not mind a time without end', () => {
    const bucket = new TokenBucket(TEN_A_SECOND, 0)
    taken(bucket, 0)

    expect(taken(bucket, 2 ** 53)).toBe(3)
  })

  it('knows what it cannot count exactly', () => {
    const fine = { rate: 999_999_937, perMs: 2_000_000_011, burst: 1_000 }

    expect(TokenBucket.problem(fine)).toBeUndefined()
    expect(TokenBucket.problem({ ...fine, burst: 1_000_000 })).toBe('a burst that fills in less time')
    expect(TokenBucket.problem({ rate: 1_000_000, perMs: 86_400_000, burst: 1_000_000 })).toBeUndefined()
    const cold = { durationMs: 1_000, coldFactor: 1_000 }
    expect(TokenBucket.problem({ ...fine, burst: 100_000, warmUp: cold })).toBeDefined()
  })
})

describe('what is there', () => {
  it('grows with time', () => {
    const bucket = new TokenBucket({ ...TEN_A_SECOND, burst: 8 }, 0)
    bucket.tryTake(8, 0)

    expect([0, 99, 100, 250, 10_000].map((now) => bucket.available(now))).toEqual([0, 0, 1, 2, 8])
  })
})

describe('another rule', () => {
  it('keeps the tokens that are there, as far as there is room', () => {
    const bucket = new TokenBucket({ ...TEN_A_SECOND, burst: 8 }, 0)
    bucket.tryTake(2, 0)

    bucket.reshape({ ...TEN_A_SECOND, burst: 20 }, 0)
    expect(bucket.available(0)).toBe(6)

    bucket.reshape({ ...TEN_A_SECOND, burst: 4 }, 0)
    expect(taken(bucket, 0)).toBe(4)
  })

  it('takes nothing from them when it is the same, however often it comes', () => {
    const bucket = new TokenBucket({ ...TEN_A_SECOND, burst: 100 }, 0)
    taken(bucket, 0)

    for (let now = 1; now <= 9_999; now++) bucket.reshape({ ...TEN_A_SECOND, burst: 100 }, now)

    expect(bucket.waitMs(100, 9_999)).toBe(1)
  })

  it('counts the time before at the old rate', () => {
    const bucket = new TokenBucket(TEN_A_SECOND, 0)
    taken(bucket, 0)

    bucket.reshape({ ...TEN_A_SECOND, rate: 1_000 }, 50)

    expect(bucket.waitMs(1, 50)).toBe(0.5)
  })
})

describe('a bucket that warms up', () => {
  const COLD = { rate: 10, perMs: 1_000, burst: 1, warmUp: { durationMs: 2_000, coldFactor: 3 } }

  /** When each of the next calls begins, under full load. */
  function beginnings(bucket: TokenBucket, count: number, from: number): number[] {
    let now = from
    return Array.from({ length: count }, () => {
      now += bucket.waitMs(1, now)
      expect(bucket.tryTake(1, now)).toBe(true)
      return now
    })
  }

  function gaps(times: readonly number[]): number[] {
    return times.slice(1).map((at, index) => at - times[index]!)
  }

  it('begins at a third of its rate and reaches all of it after its time', () => {
    const times = beginnings(new TokenBucket(COLD, 0), 30, 0)

    expect(gaps(times)[0]).toBeCloseTo(290, 0)
    expect(gaps(times)[9]).toBeCloseTo(110, 0)
    expect(times[10]).toBeCloseTo(2_000, 2)
    expect(gaps(times.slice(10)).every((gap) => gap === 100)).toBe(true)
  })

  it('gets dearer by a line', () => {
    const dear = gaps(beginnings(new TokenBucket(COLD, 0), 11, 0))

    for (const step of gaps(dear)) expect(step).toBeCloseTo(-20, 2)
  })

  it('is cold again after as long a rest', () => {
    const bucket = new TokenBucket(COLD, 0)
    const warm = beginnings(bucket, 50, 0)

    const rested = beginnings(bucket, 2, warm.at(-1)! + 100 + 2_000)

    expect(gaps(rested)[0]).toBeCloseTo(290, 0)
  })

  it('keeps its curve at a rate whose tokens take no whole number of microseconds', () => {
    const third = { rate: 3, perMs: 1_000, burst: 1, warmUp: { durationMs: 6_000, coldFactor: 3 } }
    const bucket = new TokenBucket(third, 0)

    const times = beginnings(bucket, 30, 0)

    expect(gaps(times)[0]).toBeCloseTo(963, 0)
    expect(times[9]).toBeCloseTo(6_000, 0)
    expect(gaps(times).at(-1)).toBeCloseTo(333.33, 1)
  })

  it('is partly cold after a shorter rest', () => {
    const third = { rate: 3, perMs: 1_000, burst: 1, warmUp: { durationMs: 6_000, coldFactor: 3 } }
    const bucket = new TokenBucket(third, 0)
    const warm = beginnings(bucket, 50, 0)

    // Three quarters of the way back: half of the dear tokens are there again.
    const rested = beginnings(bucket, 2, warm.at(-1)! + 333.334 + 4_500)

    expect(gaps(rested)[0]).toBeCloseTo(629.6, 0)
  })

  it('stays at full rate without a rest', () => {
    const bucket = new TokenBucket(COLD, 0)
    const warm = beginnings(bucket, 200, 0)

    expect(gaps(warm).at(-1)).toBe(100)
  })

  it('is as cold under another rule', () => {
    const bucket = new TokenBucket(COLD, 0)
    bucket.reshape({ ...COLD, rate: 100 }, 0)

    expect(gaps(beginnings(bucket, 2, 0))[0]).toBeCloseTo(30, 0)
  })

  it('is warm when it gets a warm-up only later', () => {
    const bucket = new TokenBucket({ ...COLD, warmUp: undefined }, 0)
    bucket.reshape(COLD, 0)

    expect(gaps(beginnings(bucket, 2, 0))[0]).toBe(100)
  })
})
