/** Rows 8, 9 and 12: packets of one kind vanish. */
import { expect } from 'vitest'
import { inOwnNetwork, networkTest } from '../network/own-network.model.js'
import type { Report } from './r08-r12-packets-dropped.program.js'

const ATTEMPT_MS = 300

function expectInTime({ elapsedMs }: Report): void {
  expect(elapsedMs).toBeGreaterThanOrEqual(ATTEMPT_MS - 1)
  expect(elapsedMs).toBeLessThan(5_000)
}

const dropping = inOwnNetwork<Report, ['new connections' | 'a kept connection' | 'ends']>(
  new URL('r08-r12-packets-dropped.program.ts', import.meta.url),
)

networkTest('row 8: a new connection that leads nowhere ends in time, and no socket is left', async () => {
  const report = await dropping('new connections')

  const { droppedPackets, end, socketsLeft, accepted } = report
  expect(droppedPackets).toBeGreaterThan(0)
  expect([end, accepted, socketsLeft]).toEqual(['ERR_TIMEOUT', 0, 0])
  expectInTime(report)
})

networkTest('row 9: a kept connection that fell silent is not used again', async () => {
  const report = await dropping('a kept connection')

  const { droppedPackets, end, next, socketsLeft, accepted } = report
  expect(droppedPackets).toBeGreaterThan(0)
  expectInTime(report)
  expect([end, next, socketsLeft]).toEqual(['ERR_TIMEOUT', 'good', 0])
  expect(accepted).toBeGreaterThan(1)
})

networkTest(
  'row 12: a connection whose end got lost costs no request, and idle ones are closed in their time',
  async () => {
    const { droppedPackets, end, next, socketsLeft, closedAfterMs, accepted } = await dropping('ends')

    expect(droppedPackets).toBeGreaterThan(0)
    expect([end, next, socketsLeft]).toEqual(['good', 'good', 0])
    expect(accepted).toBeGreaterThan(1)
    // 3 s, as soon as a busy machine gets to it; the server itself would keep them.
    expect(closedAfterMs).toBeLessThan(10_000)
  },
)
