import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { instanceOf } from '../../../sources/core/read-instances.js'
import { endingOf } from '../ending.js'
import { Host } from '../host.js'
import { Ejector } from './ejector.js'
import { RULES } from './ejector.model.js'
import type { EjectionRules } from './rules.js'

const SUCCESS_RATE = { factor: 1, minHosts: 3, minVolume: 10, minGapPercent: 5 }
const FAILURE_PERCENTAGE = { thresholdPercent: 50, minHosts: 3, minVolume: 10 }

/** Ten calls to each of five hosts, of which those to the first fail, judged at the end of an interval. */
function judged(rules: Partial<EjectionRules>): string[] {
  const ejected: string[] = []
  const ejector = new Ejector(
    { ...RULES, ...rules },
    {
      random: seededRandom('ejector'),
      notices: { ejected: ({ id }, by) => void ejected.push(`${id} ${by}`), restored: () => undefined },
      now: 0,
    },
  )
  const hosts = Array.from(
    { length: 5 },
    (_, index) => new Host(instanceOf({ id: `i${String(index)}`, host: '10.0.0.1', port: 1_000 + index })),
  )
  ejector.adopt(hosts)
  for (let call = 1; call <= 10; call++) {
    for (const [index, host] of hosts.entries()) {
      const outcome = index === 0 ? 'failure' : 'success'
      ejector.ended(host, { startedAt: call, trial: 0 }, endingOf(outcome, undefined), call)
    }
  }
  ejector.advance(9_999)
  expect(ejected).toEqual([])
  ejector.advance(10_000)
  return ejected
}

describe('at the end of an interval', () => {
  it.each<[string, Partial<EjectionRules>, string[]]>([
    ['the success rate alone', { successRate: SUCCESS_RATE }, ['i0 successRate']],
    ['the share of failures alone', { failurePercentage: FAILURE_PERCENTAGE }, ['i0 failurePercentage']],
    [
      'both, the success rate first',
      { successRate: SUCCESS_RATE, failurePercentage: FAILURE_PERCENTAGE },
      ['i0 successRate'],
    ],
    ['neither', {}, []],
  ])('an outlier is found by %s', (_, rules, expected) => {
    expect(judged(rules)).toEqual(expected)
  })
})

describe('what is due', () => {
  const dueAt = (rules: Partial<EjectionRules>): number =>
    new Ejector(
      { ...RULES, ...rules },
      {
        random: seededRandom('due'),
        notices: { ejected: () => undefined, restored: () => undefined },
        now: 5_000,
      },
    ).dueAt

  it('is the first interval where rates are judged, and nothing where they are not', () => {
    expect(dueAt({ successRate: SUCCESS_RATE })).toBe(15_000)
    expect(dueAt({ failurePercentage: FAILURE_PERCENTAGE })).toBe(15_000)
    expect(dueAt({})).toBe(Infinity)
  })
})
