/** Row 13: a share of all requests gets no answer. */
import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { realClient, startEureka } from './faults.model.js'

const CALLS = 200
/** Two servers, and each connection that broke may be repeated once on a fresh one. */
const MOST_REQUESTS_OF_A_CALL = 4

test.each([
  ['5 %', 0.05, 0.99],
  ['30 %', 0.3, 0.8],
])('with %s of the servers away at any time, fetches go on without a storm', async (_share, chance, good) => {
  const servers = [await startEureka(), await startEureka()]
  for (const server of servers) server.register({ appName: 'users', port: 1 })
  const { client, errors } = realClient({ serviceUrls: servers.map(({ url }) => url) })
  await client.start()
  const random = seededRandom(13)
  let lost = 0
  let most = 0

  for (let call = 0; call < CALLS; call++) {
    const drops = servers.map((server) =>
      random.next() < chance ? server.fault('any', { kind: 'drop' }) : undefined,
    )
    for (const server of servers) server.clearRequests()
    await client.refresh()
    most = Math.max(
      most,
      servers.reduce((sum, { requests }) => sum + requests.length, 0),
    )
    for (const drop of drops) {
      lost += drop?.hits ?? 0
      drop?.heal()
    }
    expect(client.instances('users')).toHaveLength(1)
  }

  expect(lost).toBeGreaterThan((CALLS * chance) / 4)
  expect(errors.length).toBeLessThanOrEqual(CALLS * (1 - good))
  expect(most).toBeLessThanOrEqual(MOST_REQUESTS_OF_A_CALL)
})
