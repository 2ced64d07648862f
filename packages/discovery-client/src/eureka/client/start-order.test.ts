import { describe, expect, test } from 'vitest'
import { answers, startEureka, testClient, USERS } from './client.model.js'

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
