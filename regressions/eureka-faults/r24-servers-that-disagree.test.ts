/** Row 24: two servers that do not replicate, one of them away at any time. */
import { seededRandom } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { realClient, startEureka } from './faults.model.js'

test('readers see what one server says, never a mixture, and one change a fetch at most', async () => {
  const [a, b] = [await startEureka(), await startEureka()]
  for (const port of [1, 2]) a.register({ appName: 'users', port })
  for (const port of [1, 3]) b.register({ appName: 'users', port })
  const { client } = realClient({ serviceUrls: { a: [a.url], b: [b.url] } })
  await client.start()
  const views: string[] = []
  let changes = 0
  client.watch('users', ({ instances }) => {
    changes++
    views.push(
      instances
        .map(({ port }) => port)
        .sort()
        .join(),
    )
  })
  const random = seededRandom(24)
  let bitten = 0

  for (let fetch = 0; fetch < 40; fetch++) {
    const away = (random.next() < 0.5 ? a : b).fault('any', { kind: 'answer', status: 503 })
    changes = 0
    await client.refresh()
    expect(changes).toBeLessThanOrEqual(1)
    bitten += away.hits
    away.heal()
  }

  expect(bitten).toBeGreaterThan(5)
  expect(new Set(views)).toEqual(new Set(['1,2', '1,3']))
})
