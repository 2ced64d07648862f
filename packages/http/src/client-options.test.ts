import { AdaptiveLimiter, Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import type { HttpClientOptions } from './client-options.js'
import { answering, clientOf, nobody } from './fleet.model.js'
import { createHttpClient } from './http-client.js'
import type { HttpClient, HttpSender } from './http-client.js'

function pathsOf(make: () => unknown): string[] {
  try {
    make()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError)
    return (error as InvalidOptionsError).issues.map(({ path }) => path)
  }
  return []
}

function faultsOf(options: unknown): string[] {
  return pathsOf(() => createHttpClient({ runtime: createRuntime(), ...(options as HttpClientOptions) }))
}

const NO_OPTIONS = [NaN, -1, true, null, [], 'abc', new Date()]

describe('policies that are neither options nor false', () => {
  const keys = ['retry', 'hedge', 'rate', 'breaker', 'bulkhead', 'balancer'] as const

  test.each(keys)('%s: one issue, of the client', (key) => {
    for (const value of NO_OPTIONS) {
      expect(faultsOf({ [key]: value }), String(value)).toEqual([key])
      expect(faultsOf({ [key]: value, services: { users: { instances: [] } } })).toEqual([key])
    }
  })

  test.each(keys)('%s: one issue, of a service', (key) => {
    for (const value of NO_OPTIONS)
      expect(faultsOf({ services: { users: { [key]: value } } }), String(value)).toEqual([
        `services.users.${key}`,
      ])
  })

  test.each(['retry', 'hedge'] as const)('%s: one issue, of some requests', (key) => {
    const client = clientOf({})

    for (const value of NO_OPTIONS)
      expect(pathsOf(() => client.with({ [key]: value as never }))).toEqual([key])
  })

  test('and those that are policies of the kind are taken', () => {
    expect(faultsOf({ breaker: new CircuitBreaker(), bulkhead: new Bulkhead({ limit: 1 }) })).toEqual([])
    expect(faultsOf({ bulkhead: new AdaptiveLimiter() })).toEqual([])
    expect(faultsOf({ retry: false, hedge: false, breaker: false, bulkhead: false })).toEqual([])
    expect(faultsOf({ retry: { maxRetries: 1 }, hedge: { delayMs: 5 } })).toEqual([])
  })
})

test('faults inside of policies are told of all at once, each by its path', () => {
  const users = {
    breaker: { openMs: -1 },
    bulkhead: { limit: 0 },
    balancer: { strategy: 'rr', ejection: { intervalMs: 0 } },
  }

  expect(faultsOf({ services: { users } }).sort()).toEqual([
    'services.users.balancer.ejection.intervalMs',
    'services.users.balancer.strategy',
    'services.users.breaker.openMs',
    'services.users.bulkhead.limit',
  ])
  expect(faultsOf({ balancer: users.balancer })).toEqual([
    'balancer.strategy',
    'balancer.ejection.intervalMs',
  ])
})

test('the name in certificates is a text or a function', () => {
  expect(faultsOf({ services: { users: { tlsName: 5 } } })).toEqual(['services.users.tlsName'])
  expect(faultsOf({ tlsName: '' })).toEqual(['tlsName'])
  expect(faultsOf({ tlsName: 'users.internal', services: { users: { tlsName: () => 'users' } } })).toEqual([])
})

test('headers of the connection carry neither deadlines nor attempts', () => {
  for (const name of ['Host', 'content-length', 'Transfer-Encoding', 'expect', 'connection'])
    expect(faultsOf({ deadlineHeader: name, attemptHeader: name })).toEqual([
      'deadlineHeader',
      'attemptHeader',
    ])
})

test('services are plain objects of plain objects', () => {
  for (const value of NO_OPTIONS) {
    expect(faultsOf({ services: value }), String(value)).toEqual(['services'])
    expect(faultsOf({ services: { users: value } }), String(value)).toEqual(['services.users'])
  }
})

type Retry = { maxRetries: number }

test.each<[string, (client: HttpClient, retry: Retry) => HttpSender]>([
  ['a host that is asked for the first time', (client) => client],
  ['requests with other settings', (client) => client.with({ timeoutMs: 5_000 })],
  ['settings that are used for the first time', (client, retry) => client.with({ retry })],
])('what the caller changes in his options later does not reach %s', async (_what, senderOf) => {
  const users = await answering(503)
  const [retry, bulkhead] = [{ maxRetries: 0 }, { limit: 5 }]
  const sender = senderOf(clientOf({ retry, bulkhead }), retry)

  retry.maxRetries = -1
  bulkhead.limit = -1

  expect((await sender.request(users.url)).statusCode).toBe(503)
  expect(users.got).toHaveLength(1)
})

describe('the name of a service has no case, as hosts of URLs have none', () => {
  test('with instances of its own it is found, however it is written', async () => {
    const users = await answering('ok')
    const client = clientOf({ services: { Users: { instances: [users.url] } } })

    expect(await (await client.request('http://users/')).body.text()).toBe('ok')
  })

  test('two that differ in nothing else are one too many', () => {
    expect(faultsOf({ services: { users: {}, other: {}, USERS: {} } })).toEqual(['services.USERS'])
  })
})

describe('fallback: false', () => {
  test('switches off, for one service, what answers for all', async () => {
    const client = clientOf({
      retry: false,
      fallback: () => ({ status: 203 }),
      services: {
        users: { instances: [await nobody()], fallback: false },
        other: { instances: [await nobody()] },
      },
    })

    await expect(client.request('http://users/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect((await client.request('http://other/')).statusCode).toBe(203)
  })

  test('is what clients begin with', async () => {
    const users = await answering(500)
    const client = clientOf({ retry: false, fallback: false })

    expect((await client.request(users.url)).statusCode).toBe(500)
    expect(faultsOf({ fallback: true })).toEqual(['fallback'])
  })
})
