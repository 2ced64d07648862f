/** Rows 27 and 28: name servers that know nothing, fail, or say nothing, and a name that moves. */
import { createServer } from 'node:http'
import { SimClock } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { eventually, realClient, startEureka } from './faults.model.js'

const POLL_MS = 100
type Lookup = () => Promise<readonly (readonly string[])[]>

function failing(code: string): Lookup {
  return () => Promise.reject(Object.assign(new Error(code), { code }))
}

function names(lookup: { hosts: Lookup }): {
  resolveTxt: (name: string) => Promise<readonly (readonly string[])[]>
  most: () => number
  asked: () => number
} {
  const flying = new Map<string, number>()
  let most = 0
  let asked = 0
  return {
    most: () => most,
    asked: () => asked,
    resolveTxt: async (name) => {
      asked++
      flying.set(name, (flying.get(name) ?? 0) + 1)
      most = Math.max(most, flying.get(name) ?? 0)
      try {
        return name.startsWith('txt.us-east-1.') ? [['us-east-1a.example.test']] : await lookup.hosts()
      } finally {
        flying.set(name, (flying.get(name) ?? 0) - 1)
      }
    },
  }
}

const dns = (url: string): object => ({
  useDns: true,
  eurekaServiceUrlPollIntervalMs: POLL_MS,
  connectTimeoutMs: 200,
  readTimeoutMs: 200,
  eurekaServer: { domainName: 'example.test', port: Number(new URL(url).port), context: 'eureka/v2' },
})

test.each<[string, Lookup]>([
  ['does not know the name', failing('ENOTFOUND')],
  ['fails', failing('ESERVFAIL')],
  ['is silent', () => new Promise(() => undefined)],
  ['answers nonsense', () => Promise.resolve([['', ' ', '%%']])],
])(
  'row 27: the last good servers stay in use when the name server %s',
  { timeout: 60_000 },
  async (_how, fault) => {
    const eureka = await startEureka()
    eureka.register({ appName: 'users', port: 1 })
    const lookup: { hosts: Lookup } = { hosts: () => Promise.resolve([['127.0.0.1']]) }
    const { resolveTxt, most, asked } = names(lookup)
    const clock = new SimClock()
    const { client, errors } = realClient({ ...dns(eureka.url), resolveTxt, clock })
    await client.start()

    lookup.hosts = fault
    const before = asked()
    for (let fetch = 0; fetch < 10; fetch++) {
      await clock.advance(POLL_MS)
      await client.refresh()
      // Its time stands still while a server answers.
      expect(client.registryAgeMs).toBe(0)
    }

    await eventually(() => errors.length > 0, 'the failed lookup')
    expect(asked()).toBeGreaterThan(before)
    expect(most()).toBe(1)
    expect(errors).toEqual(errors.map(() => expect.objectContaining({ code: 'ERR_REGISTRY_DNS' })))
  },
)

test('row 28: when the name leads elsewhere and the old server goes, the next fetch finds the new one', async () => {
  const old = await startEureka()
  const { port } = new URL(old.url)
  const elsewhere = createServer((request, response) => {
    if (request.url?.endsWith('delta') === true) return response.writeHead(404).end()
    const instance = {
      instanceId: 'new',
      hostName: 'h',
      status: 'UP',
      port: { $: 1, '@enabled': 'true' },
      vipAddress: 'users',
    }
    return response.end(
      JSON.stringify({ applications: { application: [{ name: 'USERS', instance: [instance] }] } }),
    )
  })
  await new Promise<void>((resolve) => elsewhere.listen(Number(port), '127.0.0.2', resolve))
  onTestFinished(() => void elsewhere.close())
  old.register({ appName: 'users', port: 1 })
  const lookup: { hosts: Lookup } = { hosts: () => Promise.resolve([['127.0.0.1']]) }
  const { resolveTxt, asked } = names(lookup)
  const clock = new SimClock()
  const { client } = realClient({ ...dns(old.url), resolveTxt, clock })
  await client.start()

  lookup.hosts = () => Promise.resolve([['127.0.0.2']])
  const before = asked()
  await clock.advance(POLL_MS)
  await client.refresh()
  await eventually(() => asked() === before + 2, 'the look-ups of the region and of its zone')
  await old.stop()
  await client.refresh()

  expect(client.instance('new')?.status).toBe('UP')
})
