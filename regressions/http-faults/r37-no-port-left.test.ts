/** Row 37: no port is left to connect from. */
import { expect } from 'vitest'
import { inOwnNetwork, networkTest } from '../network/own-network.model.js'
import type { Report } from './r37-no-port-left.program.js'

const MOST_ATTEMPTS_A_SECOND = 10

const withoutPorts = inOwnNetwork<Report>(new URL('r37-no-port-left.program.ts', import.meta.url))

networkTest(
  'row 37: without a port to connect from, a client says so and does not try in a loop',
  async () => {
    const report = await withoutPorts()

    expect(report.alone).toBe('EADDRNOTAVAIL')
    expect(report.attemptsAlone).toBeLessThanOrEqual(3)
    expect(report.calls).toBeGreaterThan(500)
    for (const end of Object.keys(report.ends)) expect(end).toMatch(/EADDRNOTAVAIL$/)
    for (const attempts of report.attempts) expect(attempts).toBeLessThanOrEqual(MOST_ATTEMPTS_A_SECOND)
    expect(report.attemptsAtRest).toBe(0)
    // Three trials, when the breaker lets them through.
    expect(report.attemptsToRecover).toBeLessThanOrEqual(MOST_ATTEMPTS_A_SECOND)
    expect(report.recoveredAfterMs).toBeLessThan(10_000)
    expect(report.isAtRest).toBe(true)
  },
)
