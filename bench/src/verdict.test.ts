import { describe, expect, it } from 'vitest'
import type { Gate } from './gates.ts'
import { judge } from './verdict.ts'
import type { Measured } from './verdict.ts'

const GATE: Gate = {
  line: 'made up',
  gate: { ratio: 2.4, hops: 2 },
  moonshot: { ratio: 2, bytes: 100 },
  peers: [
    { peer: 'opossum', of: 0.25 },
    { peer: 'best', of: 0.6 },
  ],
}

describe('judge', () => {
  it('holds the gate when every median is at its limit', () => {
    expect(judge(measured({ ratio: 2.4, hops: 2 }), GATE, {}).gateHeld).toBe(true)
  })

  it('misses the gate when one metric is over, however good the others are', () => {
    const verdict = judge(measured({ ratio: 1, hops: 3 }), GATE, {})

    expect(verdict.gateHeld).toBe(false)
    expect(verdict.gate.filter(({ held }) => !held).map(({ metric }) => metric)).toEqual(['hops'])
  })

  it('misses the gate when a metric could not be measured at all', () => {
    expect(judge(measured({ ratio: 1 }), GATE, {}).gateHeld).toBe(false)
  })

  it('judges the median and not the worst round', () => {
    const ours: Measured = { ratio: { median: 2, min: 1.9, max: 9 }, hops: { median: 2, min: 2, max: 2 } }

    expect(judge(ours, GATE, {}).gateHeld).toBe(true)
  })

  it('reports the moonshot as the distance of the worst metric', () => {
    const verdict = judge(measured({ ratio: 1, hops: 1, bytes: 150 }), GATE, {})

    expect(verdict.moonshotAway).toBeCloseTo(1.5)
  })

  it('a limit of zero is reached only by zero', () => {
    const none: Gate = { ...GATE, gate: { timers: 0 }, moonshot: { timers: 0 } }

    expect(judge(measured({ timers: 0 }), none, {}).gateHeld).toBe(true)
    expect(judge(measured({ timers: 0.01 }), none, {}).gateHeld).toBe(false)
    expect(judge(measured({ timers: 0.01 }), none, {}).moonshotAway).toBe(Number.POSITIVE_INFINITY)
  })

  it('compares with the named peer and with the fastest of all', () => {
    const peers = { opossum: measured({ ratio: 8 }), cockatiel: measured({ ratio: 4 }) }

    const shares = judge(measured({ ratio: 2.2 }), GATE, peers).peers

    expect(shares).toMatchObject([
      { peer: 'opossum', share: 0.275, reached: false },
      { peer: 'best', share: 0.55, reached: true },
    ])
  })

  it('holds a share of a peer that belongs to the gate', () => {
    const gate: Gate = { ...GATE, gate: {}, beside: [{ peer: 'opossum', of: 0.5 }] }
    const peers = { opossum: measured({ ratio: 4 }) }

    expect(judge(measured({ ratio: 2 }), gate, peers).gateHeld).toBe(true)
    expect(judge(measured({ ratio: 2.1 }), gate, peers).gateHeld).toBe(false)
  })

  it('misses a gate that names a peer when the peer did not run, or has nothing to take a share of', () => {
    const gate: Gate = { ...GATE, gate: {}, beside: [{ peer: 'opossum', of: 0.5 }] }

    expect(judge(measured({ ratio: 2 }), gate, {}).gateHeld).toBe(false)
    expect(judge(measured({ ratio: 2 }), gate, { opossum: measured({ ratio: -1 }) }).gateHeld).toBe(false)
  })

  it('leaves a peer out that did not run', () => {
    expect(judge(measured({ ratio: 2 }), GATE, {}).peers).toEqual([])
  })
})

function measured(values: Readonly<Record<string, number>>): Measured {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { median: value, min: value, max: value }]),
  )
}
