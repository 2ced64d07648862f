/** eureka-js-client 4.5.0 compares no hash, never falls back to a full fetch, tells nobody of deltas, and throws without `application`. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { world } from './client.model.js'

test.each([
  ['with a hash that is not ours', { kind: 'wrongHash' }],
  ['that is forbidden', { kind: 'answer', status: 403 }],
  ['that is not found', { kind: 'answer', status: 404 }],
] as const)('a delta %s is followed by a full fetch, and told of', async (_what, fault) => {
  const { eureka, client } = await world()
  const kinds: string[] = []
  client.on('registry', ({ kind, changed }) => kinds.push(`${kind} ${String(changed)}`))
  eureka.register({ appName: 'users', port: 1 })
  await client.start()
  eureka.register({ appName: 'users', port: 2 })
  eureka.fault('delta', { ...fault, count: 1 })

  await client.refresh()
  eureka.register({ appName: 'users', port: 3 })
  await client.refresh()

  expect(kinds).toEqual(['full true', 'full true', 'delta true'])
  expect(client.app('users')).toHaveLength(3)
})

test('a registry without `application` is an empty one', async () => {
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"applications":{"apps__hashcode":""}}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const { client } = await world({ serviceUrls: [`http://127.0.0.1:${String(port)}/eureka/`] })
  const errors: unknown[] = []
  client.on('error', (error) => errors.push(error))

  await client.start()

  expect([client.services(), errors, client.registryAgeMs]).toEqual([[], [], 0])
})
