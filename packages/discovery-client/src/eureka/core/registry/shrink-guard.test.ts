import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeServiceShrink, judgeShrink } from './shrink-guard.js'
import type { Suspicion } from './shrink-guard.js'

const OPTIONS = {
  maxShrinkPercent: 50,
  maxServiceShrinkPercent: 50,
  minServiceInstances: 3,
  maxHoldMs: 100_000,
}
const judge = (before: number, after: number, suspicion?: Suspicion, now = 0) =>
  judgeShrink(suspicion, { before, after }, now, OPTIONS)

describe('the shrink guard', () => {
  it.each([
    [0, 0, 'apply'],
    [0, 5, 'apply'],
    [500, 500, 'apply'],
    [500, 250, 'apply'],
    [500, 249, 'hold'],
    [500, 1, 'hold'],
    [500, 0, 'hold'],
    [1, 0, 'hold'],
    [3, 2, 'apply'],
  ])('from %i to %i: %s', (before, after, kind) => {
    expect(judge(before, after).kind).toBe(kind)
  })

  it('holds an empty registry, also where no share is too large', () => {
    const all = { ...OPTIONS, maxShrinkPercent: 100 }

    expect(judgeShrink(undefined, { before: 10, after: 1 }, 0, all).kind).toBe('apply')
    expect(judgeShrink(undefined, { before: 10, after: 0 }, 0, all).kind).toBe('hold')
  })

  it('believes a second fetch that says the same', () => {
    const { suspicion } = judge(500, 1)

    expect(judge(500, 1, suspicion, 30_000)).toEqual({
      kind: 'apply',
      suspicion: undefined,
      isConfirmed: true,
    })
  })

  it('waits while instances come back, for a limited time', () => {
    const first = judge(500, 1)
    const second = judge(500, 100, first.suspicion, 30_000)
    const third = judge(500, 200, second.suspicion, 60_000)

    expect([second.kind, third.kind, third.suspicion]).toEqual([
      'hold',
      'hold',
      { since: 0, size: 200, before: 500 },
    ])
    expect(judge(500, 230, third.suspicion, 100_000).kind).toBe('apply')
    expect(judge(500, 499, third.suspicion, 90_000)).toMatchObject({ kind: 'apply', isConfirmed: false })
  })

  it.each([
    [3, 1, 'hold'],
    [3, 2, 'apply'],
    [2, 0, 'apply'],
    [40, 0, 'hold'],
  ])('of a service, from %i to %i: %s', (before, after, kind) => {
    expect(judgeServiceShrink(undefined, { before, after }, 0, OPTIONS).kind).toBe(kind)
  })

  it('measures a service by what it was before, not by what is kept of it and new', () => {
    const first = judgeServiceShrink(undefined, { before: 40, after: 5 }, 0, OPTIONS)

    expect(judgeServiceShrink(first.suspicion, { before: 60, after: 20 }, 30_000, OPTIONS).kind).toBe('apply')
    expect(judgeServiceShrink(first.suspicion, { before: 59, after: 19 }, 30_000, OPTIONS).kind).toBe('hold')
  })

  it('can be switched off', () => {
    expect(judgeShrink(undefined, { before: 500, after: 0 }, 0, false).kind).toBe('apply')
  })

  it('E7: nothing shrunken is taken at first sight, and nothing is held for longer than allowed', () => {
    const fetches = fc.array(fc.record({ size: fc.nat(100), laterMs: fc.nat(60_000) }), { minLength: 1 })
    fc.assert(
      fc.property(fetches, (answers) => {
        let size = 100
        let now = 0
        let suspicion: Suspicion | undefined
        for (const answer of answers) {
          now += answer.laterMs
          const verdict = judge(size, answer.size, suspicion, now)
          const isSuspect = answer.size < size && (answer.size === 0 || answer.size * 2 < size)

          if (isSuspect && suspicion === undefined) expect(verdict.kind).toBe('hold')
          if (!isSuspect) expect(verdict.kind).toBe('apply')
          if (suspicion !== undefined && now - suspicion.since >= 100_000) expect(verdict.kind).toBe('apply')
          if (verdict.kind === 'apply') size = answer.size
          suspicion = verdict.suspicion
        }
      }),
    )
  })
})
