import { describe, expect, it } from 'vitest'
import { parseOptions } from './options.ts'

describe('parseOptions', () => {
  it('keeps a full run as the latest, and a quick or a gate run apart from it', () => {
    expect(parseOptions([]).into).toBe('latest')
    expect(parseOptions(['--quick']).into).toBe('quick')
    expect(parseOptions(['--gate']).into).toBe('gate')
  })

  it('writes where it is told', () => {
    expect(parseOptions(['--quick', '--into', 'look']).into).toBe('look')
    expect(() => parseOptions(['--into', '../look'])).toThrow('--into takes a plain name, not ../look')
  })

  it('finds all groups of a scenario, and one by its id', () => {
    expect(parseOptions(['s13']).groups.map(({ id }) => id)).toEqual(['S13-S1', 'S13-S3'])
    expect(parseOptions(['faults-probe']).groups.map(({ id }) => id)).toEqual(['faults-probe'])
  })

  it('names the scenarios there are when one is unknown', () => {
    expect(() => parseOptions(['S99'])).toThrow('no scenario S99; there are S1, S2,')
  })
})
