import { AIMD_RULES, AimdLimit } from '@breakwater/breaker'
import { describe, expect, it } from 'vitest'
import { instanceOf } from '../../sources/core/read-instances.js'
import { endingOf } from './ending.js'
import { Host } from './host.js'
import { HostLimits, wasFull } from './host-limits.js'

const TIMES = { now: 10, latencyMs: 5, elapsedMs: 5 }

function limitsOf(initial: number): HostLimits {
  const begin = (): AimdLimit => new AimdLimit(initial, { ...AIMD_RULES, max: 10 })
  return new HostLimits({ initial, slowerThanMs: 1_000, begin })
}

const hostOf = (): Host => new Host(instanceOf({ id: 'a', host: '10.0.0.1', port: 1 }))

describe('a host', () => {
  it('whose calls all began before limits were kept has none, and no end of a call makes one', () => {
    const [limits, host] = [limitsOf(1), hostOf()]

    limits.ended(host, endingOf('timeout', undefined), TIMES)

    expect(host.limit).toBeUndefined()
    expect(host.isFull).toBe(false)
    expect(limits).toMatchObject({ full: 0, changes: 0 })
    expect(limits.limitOf(host)).toBe(1)
  })

  it('is full from its limit on, until a call has ended', () => {
    const [limits, host] = [limitsOf(2), hostOf()]

    host.inFlight = 1
    limits.began(host)
    expect(host.isFull).toBe(false)
    host.inFlight = 2
    limits.began(host)
    expect(host.isFull).toBe(true)
    expect(limits).toMatchObject({ full: 1, changes: 1 })
    host.inFlight = 1
    limits.ended(host, endingOf('cancelled', undefined), TIMES)
    expect(host.isFull).toBe(false)
    expect(limits).toMatchObject({ full: 0, changes: 2 })
    expect(limits.limitOf(host)).toBe(2)
  })

  it('was full between the changes that say so', () => {
    const [limits, host] = [limitsOf(1), hostOf()]
    host.inFlight = 1
    limits.began(host)
    host.inFlight = 0
    limits.ended(host, endingOf('cancelled', undefined), TIMES)

    expect([0, 1, 2].map((changes) => wasFull(host, changes))).toEqual([false, true, false])
  })
})

describe('the limit', () => {
  it.each([
    ['timeout', undefined, 5, 'shrinks'],
    ['failure', 'throttled', 5, 'shrinks'],
    ['failure', 'gateway', 5, 'shrinks'],
    ['success', undefined, 1_001, 'shrinks'],
    ['success', undefined, 1_000, 'grows'],
    ['failure', undefined, 1_001, 'stays'],
    ['failure', 'local', 5, 'stays'],
    ['rejected', 'throttled', 5, 'stays'],
    ['cancelled', undefined, 5, 'stays'],
    ['ignored', undefined, 1_001, 'stays'],
  ] as const)('after a %s (%s) of %i ms %s', (kind, origin, latencyMs, expected) => {
    const [limits, host] = [limitsOf(4), hostOf()]
    host.inFlight = 4
    limits.began(host)
    for (let call = 0; call < 5; call++) {
      host.inFlight = 3
      limits.ended(host, endingOf(kind, origin), { now: 2_000, latencyMs, elapsedMs: latencyMs })
    }

    const change = limits.limitOf(host) - 4
    expect(change < 0 ? 'shrinks' : change > 0 ? 'grows' : 'stays').toBe(expected)
  })
})
