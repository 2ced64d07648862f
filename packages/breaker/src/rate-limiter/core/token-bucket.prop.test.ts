import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.js'
import { NaiveBucket } from './token-bucket.model.js'

const shape = fc.record({
  rate: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 2_000_000 })),
  perMs: fc.constantFrom(1, 3, 7, 1_000, 60_000, 86_400_000),
  burst: fc.integer({ min: 1, max: 5 }),
})
/** Microseconds: nothing, the smallest step, usual ones, days. */
const gapUs = fc.oneof(
  fc.constantFrom(0, 0, 1, 999, 1_000, 333_333, 1_000_000),
  fc.nat(5_000_000),
  fc.nat(10 ** 12),
)
const step = fc.record({ gapUs, count: fc.integer({ min: 1, max: 3 }) })

describe('a token bucket, compared with fractions of whole numbers', () => {
  it('takes exactly the same tokens, whatever the steps of time', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.nat(10 ** 10),
        (given, steps, start) => {
          let nowUs = start
          const bucket = new TokenBucket(given, nowUs / 1_000)
          const model = new NaiveBucket(given, nowUs)
          for (const { gapUs: passed, count } of steps) {
            nowUs += passed
            expect(bucket.tryTake(count, nowUs / 1_000)).toBe(model.tryTake(count, nowUs))
          }
        },
      ),
    )
  })

  it('lets no more through in any span of time than its rate and the burst', () => {
    fc.assert(
      fc.property(shape, fc.array(gapUs, { maxLength: 40, size: 'max' }), (given, gaps) => {
        const { rate, perMs, burst } = given
        const bucket = new TokenBucket(given, 0)
        const begun: number[] = []
        let nowUs = 0
        for (const passed of gaps) {
          nowUs += passed
          while (begun.length < 80 && bucket.tryTake(1, nowUs / 1_000)) begun.push(nowUs)
        }
        begun.forEach((from, first) => {
          begun.slice(first).forEach((to, further) => {
            const allowed = BigInt(to - from) * BigInt(rate) + BigInt(burst * perMs * 1_000)
            expect(BigInt(further + 1) * BigInt(perMs * 1_000) <= allowed).toBe(true)
          })
        })
      }),
      { numRuns: 50 },
    )
  })

  it('has a token when it said that it would, and none a microsecond before', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(step, { maxLength: 20 }),
        fc.integer({ min: 1, max: 3 }),
        (given, steps, wanted) => {
          const count = Math.min(wanted, given.burst)
          let nowUs = 0
          const bucket = new TokenBucket(given, 0)
          for (const { gapUs: passed, count: taken } of steps)
            bucket.tryTake(taken, (nowUs += passed) / 1_000)
          const waitUs = Math.round(bucket.waitMs(count, nowUs / 1_000) * 1_000)
          if (waitUs > 0) expect(bucket.tryTake(count, (nowUs + waitUs - 1) / 1_000)).toBe(false)
          expect(bucket.tryTake(count, (nowUs + waitUs) / 1_000)).toBe(true)
        },
      ),
    )
  })

  it('tells those in a queue when each one will be served', () => {
    fc.assert(
      fc.property(shape, fc.integer({ min: 1, max: 12 }), (given, waiting) => {
        const bucket = new TokenBucket(given, 0)
        while (bucket.tryTake(1, 0));
        const expected = Array.from({ length: waiting }, (_, ahead) => bucket.waitMs(ahead + 1, 0))
        let now = 0
        const served = expected.map(() => {
          now += bucket.waitMs(1, now)
          expect(bucket.tryTake(1, now)).toBe(true)
          return now
        })
        // What flows in beyond a full bucket before the next whole microsecond is lost.
        served.forEach((at, index) => {
          expect(at).toBeGreaterThan(expected[index]! - 1e-6)
          expect(at).toBeLessThan(expected[index]! + index / 1_000 + 1e-6)
        })
      }),
    )
  })

  it('W6: old readings of the clock bring no tokens and lose none', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.record({ gapUs, oldUs: fc.nat(9_000_000) }), { maxLength: 40 }),
        (given, steps) => {
          const [one, other] = [new TokenBucket(given, 0), new TokenBucket(given, 0)]
          let nowUs = 0
          for (const { gapUs: passed, oldUs } of steps) {
            nowUs += passed
            one.available((nowUs - oldUs) / 1_000)
            one.available(nowUs / 1_000)
            one.available((nowUs - oldUs) / 1_000)
            expect(one.tryTake(1, nowUs / 1_000)).toBe(other.tryTake(1, nowUs / 1_000))
          }
        },
      ),
    )
  })
})
