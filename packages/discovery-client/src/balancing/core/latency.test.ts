import { describe, expect, test } from 'vitest'
import { LatencyEstimate } from './latency.js'

const FLEET_MS = 10
const fleetLog = Math.log(FLEET_MS)

/** An estimate beside a fleet of 10 ms. */
function estimate(): LatencyEstimate {
  const one = new LatencyEstimate()
  one.fleet = { log: fleetLog, load: 0 }
  return one
}

/** Answers all ten milliseconds, up to a time. */
function answers(one: LatencyEstimate, ms: number, fromMs: number, untilMs: number): void {
  for (let now = fromMs; now <= untilMs; now += 10) one.answered(ms, now)
}

describe('what is expected', () => {
  test('is the latency of the fleet before the first answer, and then its own', () => {
    const one = estimate()
    const before = one.expectedMs(0, fleetLog)
    one.answered(30, 0)

    expect(before).toBeCloseTo(FLEET_MS, 9)
    expect(one.expectedMs(0, fleetLog)).toBeCloseTo(30, 9)
  })

  test('goes by time, not by the number of answers, as a mean of factors', () => {
    const [often, seldom] = [estimate(), estimate()]
    for (const one of [often, seldom]) one.answered(80, 0)
    answers(often, 10, 10, 2_000)
    seldom.answered(10, 2_000)

    const expected = 10 * 8 ** Math.exp(-1)
    expect(often.expectedMs(2_000, fleetLog)).toBeCloseTo(expected, 5)
    expect(seldom.expectedMs(2_000, fleetLog)).toBeCloseTo(expected, 5)
  })

  test('is hardly changed by one slow answer among many', () => {
    const one = estimate()
    answers(one, 10, 0, 10_000)
    one.answered(300, 10_010)

    expect(one.expectedMs(10_010, fleetLog)).toBeLessThan(11)
  })

  test('is ten times the latency of the fleet at most, so that what was slower is not forgotten later', () => {
    const one = estimate()
    answers(one, 10_000, 0, 20_000)

    expect(one.expectedMs(20_000, fleetLog)).toBeCloseTo(100, 5)
  })

  test('goes back to what is usual within seconds: fast for one that was, slow for one that never was', () => {
    const [good, bad] = [estimate(), estimate()]
    answers(good, 10, 0, 60_000)
    answers(good, 100, 60_010, 61_000)
    answers(bad, 100, 0, 61_000)

    expect(good.expectedMs(76_000, fleetLog)).toBeLessThan(12)
    expect(bad.expectedMs(76_000, fleetLog)).toBeGreaterThan(80)
  })

  test('goes back to the latency of the fleet in minutes, whatever is usual, and never beyond', () => {
    const [slow, fast] = [estimate(), estimate()]
    answers(slow, 100, 0, 60_000)
    answers(fast, 1, 0, 60_000)

    const [above, below] = [slow, fast].map((one) => one.expectedMs(600_000, fleetLog)) as [number, number]
    expect(above).toBeGreaterThan(FLEET_MS)
    expect(above).toBeLessThan(FLEET_MS * 1.03)
    expect(below).toBeLessThan(FLEET_MS)
    expect(below).toBeGreaterThan(FLEET_MS / 1.03)
  })

  test('does not take for usual how a new process begins', () => {
    const [young, old] = [estimate(), estimate()]
    young.isNew = true
    for (const one of [young, old]) one.answered(100, 0)

    const [afterYoung, afterOld] = [young, old].map((one) => one.expectedMs(15_000, fleetLog))

    expect(afterYoung).toBeLessThan(1.1 * FLEET_MS)
    expect(afterOld).toBeGreaterThan(2 * FLEET_MS)
  })

  test('goes back sooner after the answers of a new process, which gets faster', () => {
    const [young, old] = [estimate(), estimate()]
    for (const one of [young, old]) answers(one, 10, 0, 60_000)
    young.isNew = true
    for (const one of [young, old]) answers(one, 50, 60_010, 70_000)

    const [afterYoung, afterOld] = [young, old].map((one) => one.expectedMs(76_000, fleetLog))
    expect(afterYoung).toBeLessThan(13)
    expect(afterOld).toBeGreaterThan(19)
  })

  test('learns what is usual anew after long silence, from one answer', () => {
    const one = estimate()
    answers(one, 100, 0, 60_000)
    one.answered(10, 260_000)

    expect(one.expectedMs(275_000, fleetLog)).toBeLessThan(1.2 * FLEET_MS)
  })
})

test('what was worked out holds for one look at the fleet, until something is heard', () => {
  const one = estimate()
  const look = { log: fleetLog, load: 0 }
  const isWorkedOutAfter = (hear: () => void): boolean => {
    one.workOut(look, { now: 1_000 })
    hear()
    return one.workedOutFor === look
  }
  const heard = [
    () => {},
    () => {
      one.answered(10, 1_000)
    },
    () => {
      one.failed(10, 1_000)
    },
    () => {
      one.forget()
    },
  ].map(isWorkedOutAfter)

  expect(heard).toEqual([true, false, false, false])
})

test('what is usual is learned anew within seconds after long silence', () => {
  const one = estimate()
  answers(one, 10, 0, 60_000)
  answers(one, 100, 260_000, 263_000)

  expect(one.expectedMs(278_000, fleetLog)).toBeGreaterThan(2 * FLEET_MS)
})

describe('failures', () => {
  test('count as a hundred latencies of the fleet, or as what they are told to if that is more', () => {
    const [one, other] = [estimate(), estimate()]
    one.failed(1, 0)
    other.failed(60_000, 0)

    expect(one.expectedMs(0, fleetLog)).toBeCloseTo(FLEET_MS + 1_000, 5)
    expect(other.expectedMs(0, fleetLog)).toBeCloseTo(FLEET_MS + 60_000, 5)
  })

  test('of one call in many hardly matter, and several in a row do', () => {
    const one = estimate()
    answers(one, 10, 0, 10_000)
    one.failed(1, 10_010)
    const once = one.expectedMs(10_010, fleetLog)
    for (const now of [10_020, 10_030, 10_040]) one.failed(1, now)

    expect(once).toBeLessThan(4 * FLEET_MS)
    expect(one.expectedMs(10_040, fleetLog)).toBeGreaterThan(90 * FLEET_MS)
  })

  test('are forgiven in some fifteen seconds', () => {
    const one = estimate()
    answers(one, 10, 0, 10_000)
    one.failed(1, 20_000)

    expect(one.expectedMs(25_000, fleetLog)).toBeGreaterThan(10 * FLEET_MS)
    expect(one.expectedMs(36_000, fleetLog)).toBeLessThan(2 * FLEET_MS)
  })

  test('of which one was heard alone are no reason to pass an instance over after 19 s', () => {
    const one = estimate()
    one.answered(10, 0)
    one.failed(1, 80_000)

    expect(one.expectedMs(80_000, fleetLog)).toBeGreaterThan(100 * FLEET_MS)
    expect(one.expectedMs(99_000, fleetLog)).toBeLessThan(1.25 * FLEET_MS)
  })

  test('count for as many times more as the others have calls in flight, a lone one of many calls for less of it', () => {
    const [outage, flake] = [estimate(), estimate()]
    answers(flake, 10, 0, 10_000)
    for (const one of [outage, flake]) one.fleet = { log: fleetLog, load: 20 }
    outage.failed(1, 0)
    flake.failed(1, 10_010)

    expect(outage.expectedMs(0, fleetLog)).toBeCloseTo(FLEET_MS + 20_000, 5)
    expect(flake.expectedMs(10_010, fleetLog)).toBeLessThan(10 * FLEET_MS)
  })

  test('are believed by how far apart calls end, not by when the last one happened to', () => {
    const [lucky, unlucky] = [estimate(), estimate()]
    for (let now = 0; now <= 10_000; now += 100) for (const one of [lucky, unlucky]) one.answered(10, now)
    lucky.failed(1, 10_001)
    unlucky.failed(1, 10_090)

    const [after, later] = [lucky.lastMs, unlucky.lastMs]
    expect(after).toBeGreaterThan(0.9 * later)
  })

  test('are believed by one who calls once in a second, however soon after an answer', () => {
    const one = estimate()
    for (let now = 0; now <= 20_000; now += 1_000) one.answered(10, now)
    one.failed(1_000, 20_010)

    expect(one.lastMs).toBeGreaterThan(0.8 * 1_000)
  })

  test('of many calls count as no more in the end than one of few does', () => {
    const one = estimate()
    answers(one, 10, 0, 10_000)
    for (let now = 10_010; now <= 10_500; now += 10) one.failed(1, now)

    expect(one.lastMs).toBeCloseTo(FLEET_MS + 1_000, 5)
  })

  test('that cost less take nothing from dear ones', () => {
    const one = estimate()
    one.failed(60_000, 0)
    one.failed(1, 1_000)

    expect(one.lastMs).toBe(60_000)
  })

  test('do not make the next ones dearer', () => {
    const one = estimate()
    for (let now = 0; now < 60_000; now += 10) one.failed(1, now)

    expect(one.answerLog).toBeUndefined()
    expect(one.lastMs).toBeCloseTo(1_000, 5)
  })
})

describe('calls that end without a verdict', () => {
  test('before their usual time count as load for as long as they would have lasted, in all', () => {
    const one = estimate()
    one.unjudged(2, 0)

    let sum = 0
    for (let now = 0; now < 200; now += 0.01) sum += one.earlyEnds(now) * 0.01
    expect(one.earlyEnds(0)).toBeCloseTo(0.8, 9)
    expect(sum).toBeCloseTo(8, 1)
  })

  test('after their usual time count for nothing, and never make an instance look slow', () => {
    const one = estimate()
    one.unjudged(50, 0)

    expect([one.earlyEnds(0), one.answerLog, one.lastMs]).toEqual([0, undefined, 0])
    expect(one.expectedMs(0, fleetLog)).toBeCloseTo(FLEET_MS, 9)
  })
})

test('after all was forgotten it is as if nothing had been heard', () => {
  const one = estimate()
  answers(one, 100, 0, 1_000)
  one.failed(1, 1_010)
  one.forget()

  expect([one.answerLog, one.lastMs]).toEqual([undefined, 0])
  expect(one.expectedMs(1_010, fleetLog)).toBeCloseTo(FLEET_MS, 9)

  // Of the first failure all is believed.
  one.failed(1, 1_020)
  expect(one.lastMs).toBeCloseTo(100 * FLEET_MS, 5)
})
