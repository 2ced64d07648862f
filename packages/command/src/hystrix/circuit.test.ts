import { expect, it } from 'vitest'
import { watched } from './hystrix.model.js'

const boom = new Error('boom')
const QUICK = {
  properties: {
    'circuitBreaker.requestVolumeThreshold': 4,
    'circuitBreaker.sleepWindowInMilliseconds': 500,
    'metrics.rollingStats.timeInMilliseconds': 3_000,
    'metrics.rollingStats.numBuckets': 3,
    'metrics.healthSnapshot.intervalInMilliseconds': 100,
  },
} as const

it('B10: a trial whose caller leaves, or whose request was bad, gives way to the next at once', async () => {
  const { command, clock } = watched()
  const asked = command({ ...QUICK, ignore: (error) => error === 'bad' })
  for (let call = 0; call < 4; call++) await asked.execute({ throws: boom })
  await clock.advance(600)
  const caller = new AbortController()
  const trial = asked.with({ signal: caller.signal }).outcome({ afterMs: 300 })
  expect(await asked.execute({})).toBe('fb')
  caller.abort()
  expect((await trial).kind).toBe('cancelled')
  expect((await asked.outcome({ throws: 'bad' })).kind).toBe('ignored')
  expect(await asked.execute({})).toBe('ok')
  expect(asked.breaker.state).toBe('closed')
})

it('a full bulkhead counts as an error, and may open the circuit as in Hystrix', async () => {
  const { command, clock } = watched()
  const asked = command({ ...QUICK, threadPool: { coreSize: 1 } })
  void asked.outcome({ afterMs: 100 })
  for (let call = 0; call < 4; call++) await asked.execute({})
  await clock.advance(100)
  const execution = asked.start({})
  await execution.result
  expect(execution.events[0]).toBe('SHORT_CIRCUITED')
})

it('the breaker hears of a failure at once in our line, and when its fallback has ended in those of Hystrix; health when that has', async () => {
  for (const [compat, early] of [
    [undefined, 1],
    ['hystrix-1.5.18', 0],
    ['hystrix-1.5.13', 0],
  ] as const) {
    const { command, clock } = watched()
    const asked = command({ ...QUICK, compat })
    void asked.outcome({ throws: boom }, { afterMs: 300 })
    await clock.advance(250)
    expect(asked.breaker.snapshot().failures).toBe(early)
    expect(asked.metrics().health.total).toBe(0)
    await clock.advance(200)
    expect(asked.metrics().health).toMatchObject({ total: 1, errors: 1, errorPercentage: 100 })
  }
})

it.each([
  { percent: 0, volume: 4, good: 4, bad: 0, event: 'SHORT_CIRCUITED' },
  { percent: 101, volume: 4, good: 0, bad: 8, event: 'SUCCESS' },
  { percent: 50, volume: 0, good: 0, bad: 1, event: 'SHORT_CIRCUITED' },
])(
  'takes thresholds as Hystrix does: $percent % of $volume after $good good and $bad bad',
  async ({ percent, volume, good, bad, event }) => {
    const { command, clock } = watched()
    const rules = {
      'circuitBreaker.errorThresholdPercentage': percent,
      'circuitBreaker.requestVolumeThreshold': volume,
    }
    const asked = command({ compat: 'hystrix-1.5.18', properties: { ...QUICK.properties, ...rules } })
    for (let call = 0; call < good; call++) await asked.execute({})
    for (let call = 0; call < bad; call++) await asked.execute({ throws: boom })
    await clock.advance(150)

    const execution = asked.start({})
    await execution.result

    expect(execution.events[0]).toBe(event)
  },
)
