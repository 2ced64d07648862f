import { expect, test } from 'vitest'
import { ZoneAffinity } from './own-zone.js'
import { hostsOf, tire } from './strategies/picker.model.js'

const ZONE = { own: 'a', minAvailable: 1, maxRestingPercent: 80, minHosts: 1 }

test('whether calls stay in their zone is judged anew every 100 ms', () => {
  const hosts = hostsOf(1, () => ({ zone: 'a' }))
  const affinity = new ZoneAffinity(ZONE, hosts, hosts)
  const before = affinity.staysAt(0)
  tire(hosts[0]!)

  expect([before, affinity.staysAt(99), affinity.staysAt(100)]).toEqual([true, true, false])
})
