import { CircuitBreaker, slowCalls } from '@breakwater/breaker'
import { createCollapser } from '@breakwater/fallback'
import { withRequestContext } from '@breakwater/kernel'
import { expect, it } from 'vitest'
import { HystrixRuntimeError } from './hystrix-errors.js'
import { watched } from './hystrix.model.js'
import { currentRequest } from './request-context.js'

const boom = new Error('boom')
const QUICK = {
  properties: {
    'circuitBreaker.requestVolumeThreshold': 2,
    'circuitBreaker.sleepWindowInMilliseconds': 500,
    'metrics.healthSnapshot.intervalInMilliseconds': 100,
  },
} as const

it('#1590 #1880 #766: a circuit can be opened by hand for a time, which its callers are told', async () => {
  const { command, clock } = watched()
  const asked = command({}, false)
  asked.breaker.openFor(30_000, 'Retry-After of the dependency')
  const error = await asked.execute({}).catch((thrown: unknown) => thrown)

  expect(error).toBeInstanceOf(HystrixRuntimeError)
  expect(error).toMatchObject({ failureType: 'SHORTCIRCUIT', status: 503, retryAfterMs: 30_000 })
  await clock.advance(30_000)
  expect(await asked.execute({})).toBe('ok')
  expect(asked.breaker.state).toBe('closed')
})

it('#1516 #1742 #1790 #1597: each change of state is told, half-open too, and trips are counted', async () => {
  const { command, clock, runtime } = watched()
  const asked = command(QUICK)
  const told: string[] = []
  asked.on('transition', ({ from, to }) => told.push(`${from} > ${to}`))
  for (let call = 0; call < 2; call++) await asked.execute({ throws: boom })
  await clock.advance(600)
  const trial = asked.execute({ afterMs: 10 })
  expect(asked.breaker.state).toBe('half-open')
  await clock.advance(10)
  await trial

  expect(told).toEqual(['closed > open', 'open > half-open', 'half-open > closed'])
  const breaker = [...runtime.instruments()].find(({ kind }) => kind === 'breaker')
  expect(breaker?.read()).toMatchObject({
    transitions: expect.arrayContaining([{ from: 'closed', to: 'open', count: 1 }]) as unknown,
  })
})

it('#9 #1729 #1620: the rule can be another, of a breaker that is shared with whom one likes', async () => {
  const { command, clock } = watched()
  const trip = slowCalls({ percent: 50, slowerThanMs: 50, volume: 2, windowMs: 1_000 })
  const breaker = new CircuitBreaker({ clock, trip })
  const asked = command({ breaker })
  for (let call = 0; call < 2; call++) {
    const slow = asked.execute({ afterMs: 60 })
    await clock.advance(60)
    expect(await slow).toBe('ok')
  }

  expect(await asked.execute({})).toBe('fb')
})

it('#842: a batch of the whole process runs in no request, so it sticks to none', async () => {
  const { command, clock } = watched()
  const batch = command({}, false)
  const logs: (string | undefined)[] = []
  const collapser = createCollapser({
    ...{ scope: 'process', clock, windowMs: 10 },
    batch: async (ids: readonly string[]) => {
      logs.push(currentRequest()?.log.toString())
      await batch.with({ collapsed: ids.length }).execute({})
      return ids
    },
  })
  for (const id of ['a', 'b'])
    await withRequestContext(async () => {
      const answer = collapser.load(id)
      await clock.advance(10)
      expect(await answer).toBe(id)
      expect(currentRequest()?.log.executed).toEqual([])
    })

  expect(logs).toEqual([undefined, undefined])
})
