import { InvalidOptionsError } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { createBalancer } from './balancer.js'
import type { BalancerOptions } from './balancer-options.js'
import { users } from './balancing.model.js'

const good: BalancerOptions = { source: users('http://a:1'), service: 'users' }

function faults(options: object): string[] {
  try {
    createBalancer({ ...good, ...options }).dispose()
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError)
    return (error as InvalidOptionsError).issues.map(({ path }) => path).sort()
  }
}

test.each<[object, string[]]>([
  [{ ejection: true }, ['ejection']],
  [
    {
      ejection: { consecutiveFailures: 0, consecutiveGatewayFailures: true, recovery: 'probe', interval: 5 },
    },
    ['consecutiveFailures', 'consecutiveGatewayFailures', 'interval', 'recovery'],
  ],
  [
    {
      ejection: {
        successRate: { factor: -1, minHosts: 0, minVolume: 1.5, minGapPercent: 101 },
        failurePercentage: { thresholdPercent: 0, minHosts: NaN, volume: 5 },
      },
    },
    [
      'failurePercentage.minHosts',
      'failurePercentage.thresholdPercent',
      'failurePercentage.volume',
      'successRate.factor',
      'successRate.minGapPercent',
      'successRate.minHosts',
      'successRate.minVolume',
    ],
  ],
  [
    {
      ejection: {
        enforcingPercent: { successRate: 101, trial: 50 },
        maxEjectedPercent: -1,
        alwaysEjectOne: 1,
      },
    },
    ['alwaysEjectOne', 'enforcingPercent.successRate', 'enforcingPercent.trial', 'maxEjectedPercent'],
  ],
  [
    { ejection: { intervalMs: 0, baseEjectionMs: 0, maxEjectionMs: 2 ** 31, jitterMs: -1 } },
    ['baseEjectionMs', 'intervalMs', 'jitterMs', 'maxEjectionMs'],
  ],
])('%o: every fault of ejection in one error', (options, paths) => {
  expect(faults(options)).toEqual(paths.map((path) => (path === 'ejection' ? path : `ejection.${path}`)))
})

test.each<[object, string[]]>([
  [{ panic: { percent: 101 } }, ['panic.percent']],
  [{ panic: 50 }, ['panic']],
  [{ zone: { own: 'a', clients: {}, minInstances: 0 } }, ['zone.clients', 'zone.minInstances']],
  [{ zone: { own: 'a', clients: { a: -1 } } }, ['zone.clients']],
  [{ zone: { own: 'a', clients: '' } }, ['zone.clients']],
  [{ priority: { of: 5, overprovisioningPercent: 99 } }, ['priority.of', 'priority.overprovisioningPercent']],
  [{ subset: {} }, ['subset.size']],
  [{ subset: { size: 0, clientId: '' } }, ['subset.clientId', 'subset.size']],
  [{ subset: { size: 5, peers: 'edge' } }, ['subset.clientId']],
  [{ subset: { size: 5, peers: { index: 3, count: 3 } } }, ['subset.peers.index']],
  [{ subset: { size: 5, peers: {} } }, ['subset.peers.count', 'subset.peers.index']],
  [{ filter: {} }, ['filter']],
  [{ filter: { version: 2 } }, ['filter']],
  [{ filter: 'v2' }, ['filter']],
  [{ route: {} }, ['route.match', 'route.sharePercent']],
  [{ route: { match: { a: 'b' }, sharePercent: 101 } }, ['route.sharePercent']],
  [
    { probation: { shrinkPercent: 101, keepMs: 0, answeredWithinMs: 0 } },
    ['probation.answeredWithinMs', 'probation.keepMs', 'probation.shrinkPercent'],
  ],
  [{ probation: true }, ['probation']],
  [{ leakAlarmMs: 5 }, ['leakAlarmMs']],
])('%o: every fault in one error', (options, paths) => {
  expect(faults(options)).toEqual(paths)
})

test('what can be switched off may be given as false', () => {
  const off = { ejection: false, panic: false, priority: false, probation: false, leakAlarmMs: false }
  const detectors = {
    consecutiveFailures: false,
    consecutiveGatewayFailures: false,
    consecutiveLocalFailures: false,
    successRate: false,
    failurePercentage: false,
  }

  expect([faults(off), faults({ ejection: detectors })]).toEqual([[], []])
})
