/** Row 10: the host of the server cannot be reached. */
import { expect } from 'vitest'
import { inOwnNetwork, networkTest } from '../network/own-network.model.js'
import type { Report } from './r10-unreachable.program.js'

/** Each of these fetches may take 4 s. */
const HANG_MS = 15_000
const TYPED = /^ERR_REGISTRY_NO_SERVER ERR_REGISTRY_(UNREACHABLE|TIMEOUT)/

const cutOff = inOwnNetwork<Report, ['refused' | 'link down']>(
  new URL('r10-unreachable.program.ts', import.meta.url),
)

function expectRecovery(report: Report): void {
  const { knownMeanwhile, slowestMs, errorsAfter, isFresh, heartbeatsLostAfter } = report
  expect(knownMeanwhile).toBe(1)
  expect(slowestMs).toBeLessThan(HANG_MS)
  expect([errorsAfter, isFresh]).toEqual([0, true])
  expect(heartbeatsLostAfter, 'at most the one that was under way').toBeLessThanOrEqual(1)
}

networkTest(
  'a host that routers call unreachable: typed errors, and all is well with the next fetch',
  async () => {
    const report = await cutOff('refused')

    expect(report.refusedPackets).toBeGreaterThan(0)
    expect(report.errors).toHaveLength(3)
    for (const error of report.errors) expect(error).toMatch(TYPED)
    expect(report.errors.at(-1)).toContain('EHOSTUNREACH')
    expectRecovery(report)
  },
)

networkTest(
  'a link that is down: typed errors, and all is well with the next fetch once it is up',
  async () => {
    const report = await cutOff('link down')

    expect(report.errors).toHaveLength(3)
    for (const error of report.errors) expect(error).toMatch(TYPED)
    expect(report.errors.at(-1)).toContain('ENETUNREACH')
    expectRecovery(report)
  },
)
