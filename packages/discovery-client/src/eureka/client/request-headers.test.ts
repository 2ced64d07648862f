import { expect, test } from 'vitest'
import { startEureka, testClient, USERS } from './client.model.js'

test('every request says who asks, as Java does, and wants JSON that may be packed', async () => {
  const eureka = await startEureka()
  const { client } = testClient({ serviceUrls: [eureka.url], instance: USERS })

  await client.start()
  await client.refresh()
  await client.setStatus('OUT_OF_SERVICE')
  await client.stop()

  const routes = new Set(eureka.requests.map(({ method, route }) => `${method} ${route}`))
  expect(routes.size).toBeGreaterThanOrEqual(4)
  for (const { headers } of eureka.requests) {
    expect(headers).toMatchObject({
      'discoveryidentity-name': 'DefaultClient',
      'discoveryidentity-version': '1.4',
      'discoveryidentity-id': '127.0.0.1',
      'user-agent': expect.stringMatching(/breakwater/i) as string,
      accept: 'application/json',
      'accept-encoding': 'gzip',
    })
    expect(headers).not.toHaveProperty('x-netflix-discovery-replication')
    expect(headers).not.toHaveProperty('x-eureka-accept')
  }
})

test('headers of the user go along, and change nothing of what the client can read', async () => {
  const eureka = await startEureka()
  const headers = { 'X-Team': 'orders', Accept: 'application/xml', 'accept-encoding': 'br' }
  const { client } = testClient({ serviceUrls: [eureka.url], headers, allowRedirects: 'none' })

  await client.start()

  expect(eureka.requests.map((request) => request.headers)).toMatchObject([
    { 'x-team': 'orders', accept: 'application/json', 'accept-encoding': 'gzip' },
  ])
  expect(eureka.requests[0]?.headers).not.toHaveProperty('x-discovery-allowredirect')
})

test('a function is asked for headers before each request, so that tokens may change', async () => {
  const eureka = await startEureka()
  let asked = 0
  const headers = (): Record<string, string> => ({ Authorization: `Bearer ${String(++asked)}` })
  const { client } = testClient({ serviceUrls: [eureka.url], headers })

  await client.start()
  await client.refresh()

  expect(eureka.requests.map((request) => request.headers['authorization'])).toEqual(['Bearer 1', 'Bearer 2'])
  expect(eureka.requests[1]?.headers).toMatchObject({ accept: 'application/json' })
})

test.each<[string, () => unknown]>([
  ['throws', () => JSON.parse('{')],
  ['answers a promise', () => Promise.resolve({})],
  ['answers what no request can carry', () => ({ 'x-token': 'a\r\nb' })],
])('a function for headers that %s fails the request, and nothing is sent', async (_what, answer) => {
  const eureka = await startEureka()
  let isFaulty = true
  const headers = (): Record<string, string> => (isFaulty ? (answer() as Record<string, string>) : {})
  const { client } = testClient({ serviceUrls: [eureka.url], headers })

  await expect(client.api.all()).rejects.toMatchObject({
    cause: { message: expect.stringContaining('the function for the headers') as string },
  })
  expect(eureka.requests).toEqual([])

  isFaulty = false
  await client.start()
  expect(eureka.requests).toHaveLength(1)
})
