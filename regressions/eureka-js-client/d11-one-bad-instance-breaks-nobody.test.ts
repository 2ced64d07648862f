/**
 * One instance with the VIP `__proto__`, `constructor` or `toString`, an instance without a VIP (jquatier/eureka-js-client#101), or one
 * application without instances makes the whole refresh of eureka-js-client 4.5.0 throw, and a silent server hangs a fetch for ever
 * (reproduced).
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { EurekaClient } from '@breakwater/discovery-client'
import { world } from './client.model.js'

const GOOD = {
  instanceId: 'good',
  hostName: '127.0.0.1',
  status: 'UP',
  port: { $: 1, '@enabled': 'true' },
  vipAddress: 'users',
}
const list = (...application: readonly unknown[]): string =>
  JSON.stringify({ applications: { apps__hashcode: '', application } })

async function serving(body: string | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    if (body !== undefined) response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/eureka/`
}

test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
  'an instance with the VIP and the application name %s is found by it, and hides nobody',
  async (name) => {
    const odd = { ...GOOD, instanceId: 'odd', vipAddress: name }
    const url = await serving(list({ name, instance: [odd] }, { name: 'USERS', instance: [GOOD] }))
    const { client } = await world({ serviceUrls: [url] })

    await client.start()

    expect(client.vip(name).map(({ instanceId }) => instanceId)).toEqual(['odd'])
    expect(client.app(name).map(({ instanceId }) => instanceId)).toEqual(['odd'])
    expect(client.instances('users')).toHaveLength(1)
  },
)

test.each<[string, readonly unknown[]]>([
  ['an application without instances', [{ name: 'EMPTY' }]],
  ['an application with an empty list', [{ name: 'EMPTY', instance: [] }]],
  [
    'an instance without a VIP',
    [{ name: 'A', instance: [{ ...GOOD, instanceId: 'a', vipAddress: undefined }] }],
  ],
  [
    'an instance of a megabyte',
    [{ name: 'A', instance: [{ ...GOOD, instanceId: 'a', metadata: { text: 'x'.repeat(2 ** 20) } }] }],
  ],
  ['an instance without anything', [{ name: 'A', instance: [{}] }]],
  ['an application that is null', [null]],
])('%s hides nobody', async (_what, bad) => {
  const url = await serving(list(...bad, { name: 'USERS', instance: [GOOD] }))
  const { client } = await world({ serviceUrls: [url] })

  await client.start()

  expect(client.instances('users')).toHaveLength(1)
})

test('a silent server ends the fetch, not the client', async () => {
  const url = await serving(undefined)
  const client = new EurekaClient({ serviceUrls: [url], connectTimeoutMs: 50, readTimeoutMs: 50 })
  onTestFinished(() => client.stop())
  const errors: unknown[] = []
  client.on('error', ({ error }) => errors.push((error.cause as { code?: string } | undefined)?.code))

  await client.start()

  expect(errors).toEqual(['ERR_REGISTRY_TIMEOUT'])
})
