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

it('closes after trials of any length when executions have no timeout', async () => {
  const { command, clock } = watched()
  const properties = { ...QUICK.properties, 'execution.timeout.enabled': false }
  const asked = command({ properties })
  for (let call = 0; call < 4; call++) await asked.execute({ throws: boom })
  for (let second = 0; second < 60; second++) {
    await clock.advance(1_000)
    void asked.outcome({ afterMs: 12_000 })
  }
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

it.each([undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const)(
  'a call counts when its fallback has ended, and is seen when its health bucket is over (%s)',
  async (compat) => {
    const { command, clock } = watched()
    const asked = command({ ...QUICK, compat })
    void asked.outcome({ throws: boom }, { afterMs: 150 })
    await clock.advance(149)
    expect(asked.metrics().health.total).toBe(0)
    await clock.advance(50)
    expect(asked.metrics().health.total).toBe(0)
    await clock.advance(1)
    expect(asked.metrics().health).toMatchObject({ total: 1, errors: 1, errorPercentage: 100 })
    expect(asked.breaker.snapshot().failures).toBe(1)
  },
)

it('calls of the bucket that is open still pass, in our line too; the circuit opens at its end, asked or not', async () => {
  const { command, clock } = watched()
  const asked = command(QUICK)
  for (let call = 0; call < 4; call++) await asked.execute({ throws: boom })
  expect(await asked.execute({})).toBe('ok')
  await clock.advance(250)

  expect(asked.breaker.snapshot()).toMatchObject({ state: 'open', inStateMs: 150, retryAfterMs: 350 })
  expect(asked.metrics().health).toEqual({ isOpen: true, total: 5, errors: 4, errorPercentage: 80 })
})

it('B6: a trial that never ends blocks nobody for longer than its lease', async () => {
  const { command, clock } = watched()
  const asked = command({ ...QUICK, timeoutMs: false })
  for (let call = 0; call < 4; call++) await asked.execute({ throws: boom })
  await clock.advance(600)
  void asked.outcome({ afterMs: 1e9, isDeaf: true })
  expect(asked.breaker.snapshot()).toMatchObject({ state: 'half-open', retryAfterMs: 10_000 })
  await clock.advance(9_999)
  expect(await asked.execute({})).toBe('fb')
  await clock.advance(1)

  expect(await asked.execute({})).toBe('ok')
  expect(asked.breaker.state).toBe('closed')
})

it('B6: the lease of a trial follows a timeout that is longer, also one that comes later', async () => {
  const { command, clock } = watched()
  const asked = command(QUICK)
  for (let call = 0; call < 4; call++) await asked.execute({ throws: boom })
  asked.update({ timeoutMs: 60_000 })
  await clock.advance(600)
  void asked.outcome({ afterMs: 50_000 })

  expect(asked.breaker.snapshot()).toMatchObject({ state: 'half-open', retryAfterMs: 61_000 })
})

const LINES = [undefined, 'hystrix-1.5.18', 'hystrix-1.5.13'] as const
const THRESHOLDS = [
  { percent: 0, volume: 4, good: 4, bad: 0, event: 'SHORT_CIRCUITED' },
  { percent: 0, volume: 4, good: 3, bad: 0, event: 'SUCCESS' },
  { percent: 0, volume: 0, good: 0, bad: 0, event: 'SHORT_CIRCUITED' },
  { percent: 100, volume: 4, good: 0, bad: 4, event: 'SHORT_CIRCUITED' },
  { percent: 100, volume: 4, good: 1, bad: 99, event: 'SUCCESS' },
  { percent: 101, volume: 4, good: 0, bad: 8, event: 'SUCCESS' },
  { percent: 50, volume: 0, good: 0, bad: 0, event: 'SUCCESS' },
  { percent: 50, volume: 0, good: 1, bad: 0, event: 'SUCCESS' },
  { percent: 50, volume: 0, good: 0, bad: 1, event: 'SHORT_CIRCUITED' },
]

it.each(LINES.flatMap((compat) => THRESHOLDS.map((row) => ({ compat, ...row }))))(
  'takes thresholds as Hystrix does: $percent % of $volume after $good good and $bad bad ($compat)',
  async ({ compat, percent, volume, good, bad, event }) => {
    const { command, clock } = watched()
    const rules = {
      'circuitBreaker.errorThresholdPercentage': percent,
      'circuitBreaker.requestVolumeThreshold': volume,
    }
    const asked = command({ compat, properties: { ...QUICK.properties, ...rules } })
    for (let call = 0; call < good; call++) await asked.execute({})
    for (let call = 0; call < bad; call++) await asked.execute({ throws: boom })
    await clock.advance(150)

    const execution = asked.start({})
    await execution.result

    expect(execution.events[0]).toBe(event)
    expect(asked.breaker.state).toBe(event === 'SUCCESS' ? 'closed' : 'open')
  },
)

it.each([
  [undefined, ['FAILURE', 'FAILURE', 'SUCCESS', 'SUCCESS']],
  // What opens when it is asked refuses who asks.
  ['hystrix-1.5.18', ['SHORT_CIRCUITED', 'FAILURE', 'SUCCESS', 'SUCCESS']],
  ['hystrix-1.5.13', ['FAILURE', 'FAILURE', 'SUCCESS', 'SUCCESS']],
] as const)('without a sleep window the next call is the trial (%s)', async (compat, expected) => {
  const { command, clock } = watched()
  const properties = { ...QUICK.properties, 'circuitBreaker.sleepWindowInMilliseconds': 0 }
  const asked = command({ compat, properties })
  for (let call = 0; call < 4; call++) await asked.execute({ throws: boom })
  await clock.advance(150)
  const events: (string | undefined)[] = []
  for (const step of [{ throws: boom }, { throws: boom }, {}, {}]) {
    const execution = asked.start(step)
    await execution.result
    events.push(execution.events[0])
    await clock.advance(1)
  }

  expect(events).toEqual(expected)
})

it.each([
  ['circuitBreaker.requestVolumeThreshold', -1],
  ['circuitBreaker.requestVolumeThreshold', 1_000_001],
  ['circuitBreaker.errorThresholdPercentage', -1],
  ['circuitBreaker.errorThresholdPercentage', 1_001],
  ['circuitBreaker.sleepWindowInMilliseconds', -1],
])('refuses %s %i in our line, where Hystrix takes any number', (name, value) => {
  const { command } = watched()

  expect(() => command({ properties: { [name]: value } })).toThrow(`properties.${name}`)
  for (const compat of ['hystrix-1.5.18', 'hystrix-1.5.13'] as const)
    command({ compat, name: compat, properties: { [name]: value } }).dispose()
})
