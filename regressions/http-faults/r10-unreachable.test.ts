/** Row 10: the host of an instance cannot be reached. */
import { expect } from 'vitest'
import { inOwnNetwork, networkTest } from '../network/own-network.model.js'
import type { Report } from './r10-unreachable.program.js'

const cutOff = inOwnNetwork<Report, ['refused' | 'link down']>(
  new URL('r10-unreachable.program.ts', import.meta.url),
)

// The first request of the cut goes into a connection that was kept open, and only its own limit of time ends it.
networkTest('row 10: a host that routers call unreachable, until it can be reached', async () => {
  const { refusedPackets, ends, slowestMs, after, isAtRest, executions } = await cutOff('refused')

  expect(refusedPackets).toBeGreaterThan(0)
  expect(ends).toEqual(['ERR_TIMEOUT', 'EHOSTUNREACH', 'EHOSTUNREACH', 'EHOSTUNREACH'])
  expect(slowestMs).toBeLessThan(10_000)
  expect([after, isAtRest]).toEqual(['good', true])
  expect(executions).toMatchObject({ success: 2, failure: 3, timeout: 1 })
})

networkTest('row 10: a link that is down, until it is up', async () => {
  const { ends, slowestMs, after, isAtRest, executions } = await cutOff('link down')

  expect(ends).toEqual(['ERR_TIMEOUT', 'ENETUNREACH', 'ENETUNREACH', 'ENETUNREACH'])
  expect(slowestMs).toBeLessThan(10_000)
  expect([after, isAtRest]).toEqual(['good', true])
  expect(executions).toMatchObject({ success: 2, failure: 3, timeout: 1 })
})
