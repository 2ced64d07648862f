/**
 * Calls come twice as fast as the dependency can answer them, by its capacity of ten calls of 100 ms. Without a limit its
 * queue would grow by one every 10 ms, for ever.
 */
import { seededRandom } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimiter } from './adaptive-limiter.js'
import type { LimitAlgorithm } from './adaptive-limiter-options.js'
import { load, median, QueueingServer } from './queueing-server.model.js'

const OVERLOAD = { everyMs: 5, durationMs: 60_000 }

function scene(
  algorithm: LimitAlgorithm,
  options: Partial<ConstructorParameters<typeof AdaptiveLimiter>[0]> = {},
) {
  const clock = new SimClock()
  // Drops are all that aimd hears of.
  const server = new QueueingServer(clock, 10, 100, algorithm === 'aimd' ? 5 : Infinity)
  const limiter = new AdaptiveLimiter({ algorithm, clock, random: seededRandom(1), ...options })
  return { clock, server, limiter }
}

describe.each<[LimitAlgorithm, number, number]>([
  ['gradient2', 45, 450],
  ['vegas', 25, 250],
  ['aimd', 16, 160],
])('%s', (algorithm, mostLimit, slowestMs) => {
  it('finds a limit near the capacity, uses all of it and keeps latencies low', async () => {
    const { clock, server, limiter } = scene(algorithm)
    await load(limiter, server, clock, OVERLOAD)

    const seen = await load(limiter, server, clock, OVERLOAD)

    expect(limiter.limit).toBeGreaterThanOrEqual(10)
    expect(limiter.limit).toBeLessThanOrEqual(mostLimit)
    expect(seen.good / 60).toBeGreaterThan(95)
    expect(median(seen.latencies)).toBeLessThan(slowestMs)
  })

  it('finds it from below too', async () => {
    const { clock, server, limiter } = scene(algorithm, { initial: 1 })

    await load(limiter, server, clock, OVERLOAD)

    expect(limiter.limit).toBeGreaterThanOrEqual(9)
    expect(limiter.limit).toBeLessThanOrEqual(mostLimit)
  })

  it('sheds more while the dependency is slow, and is back soon after', async () => {
    const { clock, server, limiter } = scene(algorithm)
    await load(limiter, server, clock, OVERLOAD)
    server.serviceMs = 400

    const slow = await load(limiter, server, clock, OVERLOAD)
    server.serviceMs = 100
    await load(limiter, server, clock, { everyMs: 5, durationMs: 10_000 })
    const healed = await load(limiter, server, clock, OVERLOAD)

    expect(slow.rejected).toBeGreaterThan(0.8 * slow.made)
    // All of its quarter capacity is still used.
    expect(slow.good / 60).toBeGreaterThan(22)
    expect(healed.good / 60).toBeGreaterThan(95)
  })

  it('does not grow under a light load', async () => {
    const { clock, server, limiter } = scene(algorithm)

    await load(limiter, server, clock, { everyMs: 100, durationMs: 120_000 })

    expect(limiter.limit).toBe(20)
  })
})

describe('partitions', () => {
  it('a flood of one kind leaves the others their share', async () => {
    const { clock, server } = scene('vegas')
    let kind = 'batch'
    const limiter = new AdaptiveLimiter({
      algorithm: 'vegas',
      initial: 10,
      max: 10,
      partitions: { by: () => kind, percents: { live: 40, batch: 60 } },
      clock,
    })
    const flood = load(limiter, server, clock, { everyMs: 2, durationMs: 10_000 })
    const live = { made: 0, good: 0 }
    const callLive = (): void => {
      kind = 'live'
      live.made++
      void limiter
        .outcome(() => server.call())
        .then((outcome) => {
          if (outcome.kind === 'success') live.good++
        })
      kind = 'batch'
      if (clock.now() < 9_000) clock.schedule(clock.now() + 60, callLive)
    }
    clock.schedule(500, callLive)

    const seen = await flood
    await clock.advance(1_000)

    expect(live.good).toBe(live.made)
    expect(seen.rejected).toBeGreaterThan(0)
    expect(limiter.snapshot()).toMatchObject({ running: 0, partitions: { live: { running: 0, limit: 4 } } })
  })
})
