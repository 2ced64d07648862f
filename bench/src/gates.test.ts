import { describe, expect, it } from 'vitest'
import { gateOf } from './gates.ts'
import { GROUPS } from './groups.ts'

describe('gateOf', () => {
  it.each(GROUPS.map(({ id }) => id))('has limits for %s', (id) => {
    expect(gateOf(id).line).not.toBe('')
  })

  it('asks nothing of a Node that the limits are not for', () => {
    expect(gateOf('S13-S1', 22).gate).toEqual({ ratio: 2 })
    expect(gateOf('S13-S1', 24)).toMatchObject({ gate: {}, moonshot: {}, node: 22 })
  })

  it('allows larger ratios where a bare call is faster, and nothing else more', () => {
    expect(gateOf('S1', 24)).toMatchObject({ gate: { ratio: 2.4, bytes: 180 }, moonshot: { ratio: 1.9 } })
    expect(gateOf('S1', 26)).toMatchObject({
      gate: { ratio: 2.76, bytes: 180, hops: 2 },
      moonshot: { ratio: 2.18, bytes: 140 },
    })
    expect(gateOf('S11', 26)).toEqual(gateOf('S11', 24))
  })

  it('refuses a group that the file does not know', () => {
    expect(() => gateOf('S99')).toThrow('gates.json says nothing about S99')
  })
})
