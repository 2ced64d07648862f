import { microtaskSteps, SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import type { EurekaClientOptions } from '../core/options/client-options.js'
import { answers, startEureka, testClient, USERS } from './client.model.js'
import { EurekaClient } from './eureka-client.js'

describe('the handler before the registration', () => {
  test('is done before anything is registered', async () => {
    const eureka = await startEureka()
    let registeredMeanwhile: number | undefined
    const preRegistrationHandler = async (): Promise<void> => {
      await answers(eureka.url)
      registeredMeanwhile = eureka.instances.length
    }
    const { client } = testClient({ serviceUrls: [eureka.url], instance: USERS, preRegistrationHandler })

    await client.start()

    expect(registeredMeanwhile).toBe(0)
    expect(eureka.instances).toHaveLength(1)
  })

  test('that throws ends the start, and registers nothing', async () => {
    const eureka = await startEureka()
    const failure = new Error('not warm')
    const preRegistrationHandler = (): never => {
      throw failure
    }
    const { client } = testClient({ serviceUrls: [eureka.url], instance: USERS, preRegistrationHandler })

    await expect(client.start()).rejects.toBe(failure)

    expect(eureka.requests.filter(({ route }) => route === 'register')).toEqual([])
  })
})

test('a client with nothing to do asks nobody', async () => {
  const eureka = await startEureka()
  const { client } = testClient({
    serviceUrls: [eureka.url],
    instance: USERS,
    registerWithEureka: false,
    fetchRegistry: false,
  })

  await client.start()
  await client.ready
  await client.refresh()

  expect(eureka.requests).toEqual([])
})

test('bad input is one typed error, before anything is sent', async () => {
  const { client } = testClient({ serviceUrls: ['http://127.0.0.1:1/'], instance: USERS })
  const reader = testClient({ serviceUrls: ['http://127.0.0.1:1/'] }).client
  const invalid = { code: 'ERR_INVALID_OPTIONS' }

  await expect(client.setStatus('ON' as 'UP')).rejects.toMatchObject(invalid)
  await expect(reader.setStatus('UP')).rejects.toMatchObject(invalid)
  expect(() => {
    client.updateMetadata({ version: 2 as unknown as string })
  }).toThrow(expect.objectContaining(invalid))
  expect(() => testClient({ serviceUrls: ['http://user:%zz@h/'] })).toThrow(expect.objectContaining(invalid))
  expect(client.self?.metadata).toEqual({})
})

test.each<[string, (never: () => Promise<never>) => Partial<EurekaClientOptions>]>([
  ['handler before the registration', (never) => ({ instance: USERS, preRegistrationHandler: never })],
  ['health check', (never) => ({ instance: USERS, healthCheckHandler: never })],
  ['backup', (never) => ({ serviceUrls: ['http://127.0.0.1:1/'], backupRegistry: never })],
])('a start that a %s holds up for ever ends with stop()', async (_what, options) => {
  const eureka = await startEureka()
  let callIt = (): void => undefined
  const called = new Promise<void>((resolve) => (callIt = resolve))
  const never = (): Promise<never> => {
    callIt()
    return new Promise(() => undefined)
  }
  const client = new EurekaClient({ serviceUrls: [eureka.url], stopTimeoutMs: 50, ...options(never) })
  const started = client.start()
  await called

  await client.stop()

  await expect(started).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await expect(client.ready).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
})

test.each([
  ['never', false],
  ['after it', true],
])('stop() during the first health check, which answers %s: nothing goes on', async (_when, answersLater) => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const answers: ((status: 'UP') => void)[] = []
  const healthCheckHandler = (): Promise<'UP'> => new Promise((resolve) => answers.push(resolve))
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
  const started = client.start().catch(() => undefined)
  await expect.poll(() => client.registryAgeMs).toBe(0)

  await client.stop()
  if (answersLater) answers[0]?.('UP')
  await started
  await clock.advance(120_000)

  expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  expect(answers).toHaveLength(1)
  expect(eureka.requests.map(({ route }) => route)).toEqual(['apps'])
})

test.each(Array.from({ length: 12 }, (_, steps) => steps))(
  'stop() %i microtasks after the first health check: nothing goes on',
  async (steps) => {
    const clock = new SimClock()
    let stopped: Promise<void> | undefined
    const healthCheckHandler = (): 'UP' => {
      stopped ??= microtaskSteps(steps).then(() => client.stop())
      return 'UP'
    }
    const { client } = testClient({
      serviceUrls: ['http://127.0.0.1:1/'],
      clock,
      instance: USERS,
      fetchRegistry: false,
      healthCheckHandler,
    })

    await expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
    await stopped
    await clock.advance(120_000)

    expect(clock.pending).toMatchObject({ timers: 0, background: 0 })
  },
)

test('who starts out of service is so also where a server still holds an earlier life that was up', async () => {
  const eureka = await startEureka()
  const instanceId = eureka.register({ ...USERS, port: USERS.port })
  const { client } = testClient({
    serviceUrls: [eureka.url],
    instance: { ...USERS, instanceId, status: 'OUT_OF_SERVICE' },
  })

  await client.start()

  await expect.poll(() => eureka.instances.map(({ status }) => status)).toEqual(['OUT_OF_SERVICE'])
})

test('the status of a stopped client cannot be set: nobody would be told', async () => {
  const eureka = await startEureka()
  const { client } = testClient({ serviceUrls: [eureka.url], instance: USERS })
  await client.start()
  await client.stop()
  const before = eureka.requests.length

  await expect(client.setStatus('OUT_OF_SERVICE')).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await answers(eureka.url)

  expect(eureka.requests.length - before).toBe(1)
})

describe('who waits until a client is ready', () => {
  test('keeps the process alive from the start until then; who does not wait does not', async () => {
    const eureka = await startEureka()
    const fault = eureka.fault('any', { kind: 'answer', status: 503 })
    const clock = new SimClock()
    const { client } = testClient({ serviceUrls: [eureka.url], clock })
    const held: number[] = []
    const note = (): void => void held.push(clock.pending.timers)

    await client.start()
    note()
    const ready = client.ready
    note()
    fault.heal()
    await client.refresh()
    await ready
    note()
    void client.ready
    note()

    expect(held).toEqual([0, 1, 0, 0])
  })

  test('keeps it alive once, however often it is asked for, and not at all when it is ready already', async () => {
    const eureka = await startEureka()
    const fault = eureka.fault('any', { kind: 'answer', status: 503 })
    const [clock, otherClock] = [new SimClock(), new SimClock()]
    const { client } = testClient({ serviceUrls: [eureka.url], clock })
    const other = testClient({ serviceUrls: [eureka.url], clock: otherClock }).client
    void client.ready
    await client.start()
    void client.ready
    await clock.advance(5_000)
    const waiting = clock.pending.timers
    fault.heal()
    await client.refresh()
    await other.start()
    await other.ready

    expect([waiting, clock.pending.timers, otherClock.pending.timers]).toEqual([1, 0, 0])
  })

  test('keeps it until the client is stopped, and never for one that was not started', async () => {
    const eureka = await startEureka()
    eureka.fault('any', { kind: 'answer', status: 503 })
    const clock = new SimClock()
    const { client } = testClient({ serviceUrls: [eureka.url], clock })
    const ready = client.ready
    const before = clock.pending.timers

    await client.start()
    const waiting = clock.pending.timers
    await client.stop()

    await expect(ready).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
    void client.ready.catch(() => undefined)
    expect([before, waiting, clock.pending]).toEqual([
      0,
      1,
      { timers: 0, background: 0, io: 0, afterPoll: 0 },
    ])
  })
})
