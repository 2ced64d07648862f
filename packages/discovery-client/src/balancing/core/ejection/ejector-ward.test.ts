import { describe, expect, test } from 'vitest'
import { Ward } from './ejector.model.js'

const THREE = { consecutiveFailures: 3, baseMs: 100, maxMs: 1_000 }
const SHARE = { thresholdPercent: 50, minHosts: 3, minVolume: 10 }

/** i0 has been ejected at 1 ms, and its time is over. */
const due = (rules: object = {}): Ward =>
  new Ward(3, { ...THREE, ...rules }).at(1).end(0, 'failure', 3).at(101)

test('begins with nobody out of service and nothing changed', () => {
  const { ejector } = new Ward(0, {})

  expect([ejector.ejected, ejector.hasChanged]).toEqual([0, false])
})

test('looks at once at those who are new', () => {
  const { ejector, hosts } = new Ward(3, {})
  ejector.adopt(hosts)

  expect(ejector.dueAt).toBe(-Infinity)
})

test('is asked again when somebody’s time is over, and says for how long he is out', () => {
  const ward = new Ward(3, THREE).at(50).end(0, 'failure', 3).at(60)

  expect(ward.told).toEqual(['i0 consecutiveFailures for 100 ms'])
  expect(ward.ejector.dueAt).toBe(150)
})

describe('a trial', () => {
  test('is due for three terms, and then waits without its latency until somebody takes it', () => {
    const ward = due()
    const { health, latency } = ward.host(0)
    latency.answered(500, ward.now)
    const first = [health.phase, health.until]
    ward.at(401)

    expect(first).toEqual(['due', 401])
    expect([health.phase, health.until, latency.answerLog]).toEqual(['due', Infinity, undefined])
    expect(ward.ejector.dueAt).toBe(Infinity)
  })

  test('that has shown nothing is due again for as long', () => {
    const ward = due()
    const trial = ward.trial(0)
    ward.at(102).end(0, 'cancelled', 1, { trial })

    expect(ward.host(0).health).toMatchObject({ phase: 'due', until: 402 })
    expect(ward.ejector).toMatchObject({ hasChanged: true, dueAt: -Infinity })
  })

  test('counts though it began in the moment of the ejection', () => {
    const ward = new Ward(3, { ...THREE, baseMs: 0, maxMs: 0 }).at(1).end(0, 'failure', 3).at(1)
    const trial = ward.trial(0)
    ward.end(0, 'success', 1, { trial })

    expect(ward.told.at(-1)).toBe('i0 is back')
  })
})

describe('where a timer brings instances back', () => {
  const timed = { ...THREE, recovery: 'timer' as const }

  test('a success before that does not', () => {
    const ward = new Ward(3, timed).at(1).end(0, 'failure', 3).at(50).end(0, 'success')

    expect(ward.host(0).health.phase).toBe('ejected')
    expect(ward.at(101).told.at(-1)).toBe('i0 is back')
  })

  test('failures from before the return do not count for the next ejection', () => {
    const ward = new Ward(3, timed).at(1).end(0, 'failure', 3).at(50).end(0, 'failure', 2).at(101)

    expect(ward.end(0, 'failure').host(0).health.phase).toBe('serving')
    expect(ward.end(0, 'failure', 2).host(0).health.phase).toBe('ejected')
  })

  test('calls from before the return do not count for the rates of the interval', () => {
    const rules = { ...timed, failurePercentage: { ...SHARE, minHosts: 1 }, intervalMs: 1_000 }
    const ward = new Ward(3, rules).at(1).end(0, 'failure', 10).at(101).at(1_000)

    expect(ward.told).toEqual(['i0 consecutiveFailures for 100 ms', 'i0 is back'])
  })
})

test('judges rates among those in service only', () => {
  const rules = { ...THREE, baseMs: 1e6, maxMs: 1e6, failurePercentage: SHARE, maxEjectedPercent: 100 }
  const ward = new Ward(3, rules).end(0, 'failure', 10)
  for (let call = 0; call < 5; call++) ward.end(1, 'failure').end(1, 'success').end(2, 'success', 2)
  ward.at(10_000)

  expect(ward.told).toEqual(['i0 consecutiveFailures for 1000000 ms'])
})

test.each([
  [0, 0, 'spared'],
  [49, 0.49, 'spared'],
  [50, 0.49, 'ejected'],
  [100, 0.999, 'ejected'],
])('with %i %% enforced and chance at %d an outlier is %s', (percent, chance, fate) => {
  const enforcingPercent = {
    consecutiveFailures: percent,
    consecutiveGatewayFailures: 100,
    consecutiveLocalFailures: 100,
    successRate: 100,
    failurePercentage: 100,
    trial: 100,
  }
  const ward = new Ward(3, { ...THREE, enforcingPercent }, { next: () => chance }).end(0, 'failure', 3)

  expect(ward.host(0).health.isServing).toBe(fate === 'spared')
  expect(ward.ejector.tally.describe()[0]).toMatchObject({
    detected: 1,
    enforced: fate === 'spared' ? 0 : 1,
    unenforced: { enforcing_percent: fate === 'spared' ? 1 : 0 },
  })
})

test('a failure of another since its own began spares it, whenever its last one was', () => {
  const ward = new Ward(3, { ...THREE, spareCommonFaults: true })
  ward.at(1).end(0, 'failure').at(2).end(1, 'failure').at(3).end(0, 'failure').at(4).end(0, 'failure')

  expect(ward.told).toEqual([])
})

test('terms that the longest one cuts off need not be paid back', () => {
  const ward = new Ward(3, { ...THREE, maxMs: 300, intervalMs: 1_000 }).at(1).end(0, 'failure', 3)
  const { health } = ward.host(0)
  for (let trial = 0; trial < 5; trial++) {
    ward.at(health.until)
    ward.end(0, 'failure', 1, { trial: ward.trial(0) })
  }
  ward.at(health.until)
  ward.end(0, 'success', 1, { trial: ward.trial(0) })
  ward.at(ward.now + 3_000).end(0, 'failure', 3)

  expect(ward.told.slice(-3)).toEqual([
    'i0 trial for 300 ms',
    'i0 is back',
    'i0 consecutiveFailures for 100 ms',
  ])
})
