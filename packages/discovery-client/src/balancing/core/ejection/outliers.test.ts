import { describe, expect, test } from 'vitest'
import { highFailures, lowSuccessRates } from './outliers.js'

const calls = (ended: number, succeeded: number): { ended: number; succeeded: number } => ({
  ended,
  succeeded,
})
const well = [calls(4, 4), calls(4, 4), calls(4, 4)]
const bad = calls(4, 2)
const idle = calls(0, 0)

describe('of hosts without calls', () => {
  test('nothing is known, though none are asked for', () => {
    const rate = { factor: 1, minHosts: 1, minVolume: 0, minGapPercent: 0 }
    const share = { thresholdPercent: 50, minHosts: 1, minVolume: 0 }

    expect(lowSuccessRates([...well, bad, idle], rate)).toEqual([bad])
    expect(highFailures([...well, bad, idle], share)).toEqual({ outliers: [bad], areAll: false })
  })
})

test('a success rate that is below the mean by just the least gap stands out', () => {
  const rule = { factor: 1, minHosts: 3, minVolume: 1 }

  expect(lowSuccessRates([...well, bad], { ...rule, minGapPercent: 37.5 })).toEqual([bad])
  expect(lowSuccessRates([...well, bad], { ...rule, minGapPercent: 37.6 })).toEqual([])
})

test('a share of failures stands out only among hosts enough', () => {
  const rule = { thresholdPercent: 50, minHosts: 3, minVolume: 1 }

  expect(highFailures([calls(4, 4), bad], rule)).toEqual({ outliers: [], areAll: false })
  expect(highFailures([calls(4, 4), bad, bad], rule)).toEqual({ outliers: [bad, bad], areAll: false })
  expect(highFailures([bad, bad, bad], rule).areAll).toBe(true)
})
