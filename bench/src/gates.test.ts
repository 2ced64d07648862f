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

  it('refuses a group that the file does not know', () => {
    expect(() => gateOf('S99')).toThrow('gates.json says nothing about S99')
  })
})
