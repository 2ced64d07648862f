/** Row 13: a share of all packets is lost. */
import { expect } from 'vitest'
import { inOwnNetwork, networkTest } from '../network/own-network.model.js'
import type { Report } from './r13-packets-get-lost.program.js'

/** What the budget of a service allows in each of its windows whatever the traffic, and of a hundred calls. */
const FLOOR = 30
const WINDOW_MS = 10_000
const PERCENT = 20

const underLoss = inOwnNetwork<Report, [share: number, attemptMs: number]>(
  new URL('r13-packets-get-lost.program.ts', import.meta.url),
)

networkTest('row 13: with 5 % of the packets lost, 99 % of the requests succeed', async () => {
  const { lostPackets, calls, ends, after, isAtRest } = await underLoss(0.05, 1_000)

  expect(lostPackets).toBeGreaterThan(calls * 0.05)
  expect(ends['good'] ?? 0, JSON.stringify(ends)).toBeGreaterThanOrEqual(calls * 0.99)
  expect([after, isAtRest]).toEqual(['good', true])
})

// An attempt ends before most packets are sent again, so that many more retries would be made than are allowed.
networkTest(
  'row 13: with 30 % of the packets lost, there are no more retries than the budget allows',
  async () => {
    const report = await underLoss(0.3, 250)

    const { lostPackets, calls, ends, retries, refused, served, elapsedMs, after, isAtRest } = report
    expect(lostPackets).toBeGreaterThan(calls)
    expect(retries).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
    // With the one that was made before.
    const all = calls + 1
    const floor = FLOOR * Math.ceil(elapsedMs / WINDOW_MS)
    expect(retries).toBeLessThanOrEqual(Math.ceil((all * PERCENT) / 100 + floor))
    expect(served).toBeLessThanOrEqual(all + retries)
    const failures = Object.keys(ends).filter((end) => end !== 'good')
    for (const failure of failures) expect(failure).toMatch(/^(ERR_|E[A-Z]+|UND_ERR_)/)
    expect([after, isAtRest]).toEqual(['good', true])
  },
)
