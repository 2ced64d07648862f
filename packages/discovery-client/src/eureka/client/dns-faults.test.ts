import { systemClock } from '@breakwater/kernel'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { nameServer, SILENCE, txt } from '../../sources/name-server.model.js'
import { txtFrom } from '../transport/dns-servers.js'
import { arrived } from './client.model.js'
import { EurekaClient } from './eureka-client.js'

/** Stands for the time to live of the records, which Node does not tell. */
const TTL_MS = 200
const REGION = 'txt.us-east-1.example.test'
const ZONE = 'txt.us-east-1a.example.test'

interface Elsewhere {
  readonly port: number
  readonly asked: () => number
  /** Ends the requests that wait. */
  release(): void
}

/** A registry with one instance, named after where it is. */
async function registryAt(
  address: string,
  port: number,
  waits: () => boolean = () => false,
): Promise<Elsewhere> {
  let asked = 0
  const waiting: (() => void)[] = []
  const server: Server = createServer((_request, response) => {
    asked++
    const instance = { instanceId: address, hostName: 'h', status: 'UP', port: { $: 1, '@enabled': 'true' } }
    const answer = (): void => {
      response.end(
        JSON.stringify({ applications: { application: [{ name: 'USERS', instance: [instance] }] } }),
      )
    }
    if (waits()) waiting.push(answer)
    else answer()
  })
  await new Promise<void>((resolve) => server.listen(port, address, resolve))
  onTestFinished(() => void server.close())
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => asked,
    release: () => {
      for (const answer of waiting.splice(0)) answer()
    },
  }
}

function clientOf(port: number, nameServerAt: string, timeoutMs = 2_000): EurekaClient {
  const resolveTxt = txtFrom({ timeoutMs, servers: [nameServerAt] })
  const client = new EurekaClient({
    clock: systemClock,
    useDns: true,
    resolveTxt: (name) => resolveTxt(name, new AbortController().signal),
    eurekaServer: { domainName: 'example.test', port },
    eurekaServiceUrlPollIntervalMs: TTL_MS,
    disableDelta: true,
    shrinkGuard: false,
  })
  onTestFinished(() => client.stop())
  return client
}

test('row 28: when a name leads elsewhere the new server is asked within its time, though the old one still answers', async () => {
  const old = await registryAt('127.0.0.1', 0)
  const young = await registryAt('127.0.0.2', old.port)
  const records = { [REGION]: [txt('us-east-1a.example.test')], [ZONE]: [txt('127.0.0.1')] }
  await using dns = await nameServer(records)
  const client = clientOf(old.port, dns.address)
  await client.start()
  expect(client.services()).toEqual(['USERS'])
  expect([old.asked(), young.asked()]).toEqual([1, 0])

  records[ZONE] = [txt('127.0.0.2')]
  const movedAt = performance.now()
  while (young.asked() === 0) {
    await client.refresh()
    await new Promise((resolve) => setTimeout(resolve, TTL_MS / 10))
    expect(performance.now() - movedAt).toBeLessThan(TTL_MS + 10_000)
  }
  await client.refresh()
  const before = old.asked()
  for (let fetch = 0; fetch < 3; fetch++) await client.refresh()

  expect(client.instance('127.0.0.2')?.status).toBe('UP')
  expect(old.asked()).toBe(before)
})

test('row 28: a request that is under way when the name moves is answered by the old server', async () => {
  let isSlow = false
  const old = await registryAt('127.0.0.1', 0, () => isSlow)
  const young = await registryAt('127.0.0.2', old.port)
  const records = { [REGION]: [txt('us-east-1a.example.test')], [ZONE]: [txt('127.0.0.1')] }
  await using dns = await nameServer(records)
  const client = clientOf(old.port, dns.address)
  await client.start()
  isSlow = true
  const [asked, askedAt] = [old.asked(), performance.now()]
  const fetched = client.refresh()
  await arrived(() => old.asked() > asked, 'the request')

  records[ZONE] = [txt('127.0.0.2')]
  await new Promise((resolve) => setTimeout(resolve, TTL_MS + 50))
  old.release()
  await fetched

  expect(client.registryAgeMs, 'it has answered since').toBeLessThanOrEqual(performance.now() - askedAt)
  expect([client.instance('127.0.0.1')?.status, young.asked()]).toEqual(['UP', 0])
})

test('row 27: a name server that falls silent over UDP leaves the last good servers in use', async () => {
  const old = await registryAt('127.0.0.1', 0)
  const records: Record<string, readonly Buffer[] | typeof SILENCE> = {
    [REGION]: [txt('us-east-1a.example.test')],
    [ZONE]: [txt('127.0.0.1')],
  }
  await using dns = await nameServer(records)
  const client = clientOf(old.port, dns.address, 100)
  const errors: Error[] = []
  client.on('error', ({ error }) => errors.push(error))
  await client.start()
  await arrived(() => client.services().length > 0, 'the registry')
  errors.length = 0
  records[ZONE] = SILENCE
  records['us-east-1a.example.test'] = SILENCE
  const before = dns.asked.length

  while (errors.length === 0) {
    const askedAt = performance.now()
    await client.refresh()
    expect(client.registryAgeMs, 'it has answered since').toBeLessThanOrEqual(performance.now() - askedAt)
    await new Promise((resolve) => setTimeout(resolve, TTL_MS / 10))
  }

  expect(dns.asked.length).toBeGreaterThan(before)
  expect(errors[0]).toMatchObject({ code: 'ERR_REGISTRY_DNS' })
})
