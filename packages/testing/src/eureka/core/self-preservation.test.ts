import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { info, KEY } from './registry.model.js'
import { evictionLimit, SelfPreservation } from './self-preservation.js'
import { emptyState } from './server.model.js'

const SETTINGS = { selfPreservation: true, renewalPercentThreshold: 0.85, expectedRenewalIntervalMs: 30_000 }

function after(clients: number, renewals: number): SelfPreservation {
  const preservation = new SelfPreservation(clients)
  for (let renewal = 0; renewal < renewals; renewal++) preservation.renewed()
  preservation.turnMinute()
  return preservation
}

describe('self-preservation', () => {
  it.each([
    [10, 17, false],
    [10, 18, true],
    [1, 1, false],
    [1, 2, true],
    [100, 170, false],
    [100, 171, true],
    [0, 1_000, false],
  ])(
    'with %i clients and %i renewals in the last minute lets leases expire: %s',
    (clients, renewals, expected) => {
      expect(after(clients, renewals).mayExpire(SETTINGS)).toBe(expected)
    },
  )

  it('counts whole minutes only', () => {
    const preservation = new SelfPreservation(1)
    for (let renewal = 0; renewal < 5; renewal++) preservation.renewed()

    expect(preservation.mayExpire(SETTINGS)).toBe(false)
    preservation.turnMinute()
    expect(preservation.mayExpire(SETTINGS)).toBe(true)
    preservation.turnMinute()
    expect(preservation.mayExpire(SETTINGS)).toBe(false)
  })

  it('lets everything expire when it is off', () => {
    expect(after(0, 0).mayExpire({ ...SETTINGS, selfPreservation: false })).toBe(true)
  })

  it('expects more renewals of clients that renew more often', () => {
    expect(new SelfPreservation(10).threshold({ ...SETTINGS, expectedRenewalIntervalMs: 10_000 })).toBe(51)
  })

  it('never starts to count where nobody is expected', () => {
    const preservation = new SelfPreservation(0)
    preservation.expect(1)

    expect(preservation.threshold(SETTINGS)).toBe(0)
  })

  it('expects one client more with each that registers, and one less with each that leaves', () => {
    const state = emptyState({ expectedClients: 10 })
    const threshold = (): number => state.renewals.threshold

    state.registry.register(info(), { now: 0 })
    expect(threshold()).toBe(18)
    state.registry.register(info({ metadata: { again: 'yes' } }), { now: 0 })
    expect(threshold()).toBe(18)
    state.registry.cancel(KEY, 0)
    expect(threshold()).toBe(17)
  })

  it.each([
    [100, 86, 146],
    [100, 85, 170],
    [100, 300, 510],
  ])('takes, expecting %i, a count of %i for a threshold of %i', (expected, counted, threshold) => {
    const preservation = new SelfPreservation(expected)

    preservation.recount(counted, SETTINGS)

    expect(preservation.threshold(SETTINGS)).toBe(threshold)
  })

  it('a run of the evictor leaves 85 % of the registry, and makes progress', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (registered) => {
        const limit = evictionLimit(registered, SETTINGS)
        expect(limit).toBeGreaterThanOrEqual(1)
        expect(registered - limit).toBeLessThanOrEqual(0.85 * registered)
        expect(registered - limit).toBeGreaterThan(0.85 * registered - 1)
      }),
    )
  })
})
