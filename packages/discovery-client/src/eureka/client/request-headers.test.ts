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
