/** Rows 16 to 21: answers that are endless, huge, packed too well, broken, of the wrong shape, or about something else. */
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { realClient } from './faults.model.js'

const MIB = 2 ** 20
const CAP_BYTES = MIB

interface HurtServer {
  readonly url: string
  /** How to answer; `undefined` = well. */
  answer: ((response: ServerResponse) => unknown) | undefined
  hits: number
}

const instance = (index: number): object => ({
  instanceId: `users-${String(index)}`,
  app: 'USERS',
  hostName: '127.0.0.1',
  ipAddr: '127.0.0.1',
  status: 'UP',
  port: { $: 1 + (index % 60_000), '@enabled': 'true' },
  vipAddress: 'users',
})

const listOf = (entries: readonly unknown[], hash = `UP_${String(entries.length)}_`): string =>
  JSON.stringify({
    applications: { apps__hashcode: hash, application: [{ name: 'USERS', instance: entries }] },
  })

const GOOD = listOf([instance(1), instance(2)])

async function hurtServer(): Promise<HurtServer> {
  const server = createServer((request, response) => {
    request.resume()
    response.on('error', () => undefined)
    if (hurt.answer === undefined) {
      const isDelta = request.url?.endsWith('delta') === true
      response.writeHead(isDelta ? 403 : 200, { 'content-type': 'application/json' }).end(isDelta ? '' : GOOD)
      return
    }
    hurt.hits++
    hurt.answer(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const hurt: HurtServer = { url: `http://127.0.0.1:${String(port)}/eureka/`, answer: undefined, hits: 0 }
  return hurt
}

const text =
  (body: string | Buffer, status = 200, headers: Record<string, string> = {}) =>
  (response: ServerResponse): unknown =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)

const packed = (body: string | Buffer): ((response: ServerResponse) => unknown) =>
  text(gzipSync(body), 200, { 'content-encoding': 'gzip' })

function endless(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1_024, '[')
  const write = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.writeHead(200, { 'content-type': 'application/json' }).on('drain', write)
  write()
}

describe('the old registry stays, and nothing is asked twice, when a server sends', () => {
  test.each<[string, string, string, (response: ServerResponse) => unknown]>([
    ['16', 'a body without end', 'TOO_LARGE', endless],
    [
      '17',
      'a registry of 25 000 instances',
      'TOO_LARGE',
      packed(listOf(Array.from({ length: 25_000 }, (_, i) => instance(i)))),
    ],
    ['18', '64 MiB in 64 kB', 'TOO_LARGE', packed(Buffer.alloc(64 * MIB, ' '))],
    ['19', 'half a JSON', 'BODY', text(GOOD.slice(0, GOOD.length / 2))],
    ['19', 'NUL characters', 'BODY', text('{"applications":"\u0000"}')],
    [
      '19',
      'bytes that are no UTF-8',
      'BODY',
      text(Buffer.concat([Buffer.from('{"applications":{"a":"'), Buffer.from([0xff, 0xfe])])),
    ],
    ['19', 'brackets only', 'BODY', text('['.repeat(100_000))],
    ['19', 'a header of a megabyte', 'UNREACHABLE', text(GOOD, 200, { x: 'y'.repeat(MIB) })],
    ['20', 'a list where an object belongs', 'BODY', text('{"applications":[]}')],
    ['21', 'a page of a proxy', 'BODY', text('<!doctype html><h1>Sign in</h1>')],
    ['21', 'an answer without content', 'BODY', text('', 204)],
    [
      '21',
      'a redirect to a stranger',
      'REDIRECT',
      text('', 302, { location: 'http://192.0.2.1/eureka/apps/' }),
    ],
    ['21', 'a request to log in', 'STATUS', text('', 401)],
    ['21', 'a request to wait', 'STATUS', text('', 429, { 'retry-after': '60' })],
    ['21', 'an error of its own', 'STATUS', text('{"status":500}', 500)],
    ['21', 'a refusal for load', 'STATUS', text('', 503)],
  ])('row %s: %s', async (_row, _what, fault, answer) => {
    const server = await hurtServer()
    const { client, errors } = realClient({
      serviceUrls: [server.url],
      disableDelta: true,
      maxBodyBytes: 8 * CAP_BYTES,
      readTimeoutMs: 5_000,
    })
    await client.start()
    const before = client.instances('users')
    expect(before).toHaveLength(2)
    const memory = process.memoryUsage.rss()

    server.answer = answer
    await client.refresh()

    expect(server.hits).toBe(1)
    expect(errors).toMatchObject([{ name: 'RegistryError', cause: { code: `ERR_REGISTRY_${fault}` } }])
    expect(client.instances('users')).toBe(before)
    expect(process.memoryUsage.rss() - memory).toBeLessThan(300 * MIB)

    server.answer = undefined
    const askedAt = performance.now()
    await client.refresh()
    expect(errors).toHaveLength(1)
    expect(client.registryAgeMs, 'it has answered since').toBeLessThanOrEqual(performance.now() - askedAt)
  })
})

test('row 20: entries of odd shapes are read or dropped, and hide no other', async () => {
  const server = await hurtServer()
  const { client, errors } = realClient({ serviceUrls: [server.url], disableDelta: true })
  await client.start()
  let dropped = 0
  client.on('registry', (event) => (dropped += event.dropped))

  const odd = [
    null,
    7,
    [],
    { instanceId: 'x' },
    { ...instance(3), port: 'eighty' },
    { ...instance(4), port: '80' },
  ]
  server.answer = text(listOf([...odd, instance(1), instance(2)], ''))
  await client.refresh()

  expect(errors).toEqual([])
  expect(client.instance('users-1')?.status).toBe('UP')
  expect(client.instance('users-2')?.status).toBe('UP')
  expect(dropped).toBeGreaterThanOrEqual(4)
})
