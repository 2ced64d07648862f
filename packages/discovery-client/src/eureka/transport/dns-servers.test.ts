import { createSocket } from 'node:dgram'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serversInDns } from './dns-servers.js'
import type { DnsServersOptions } from './dns-servers.js'
import { txtLookup } from './txt-lookup.js'

const { signal } = new AbortController()

function options(records: Readonly<Record<string, readonly (readonly string[])[]>>): DnsServersOptions {
  return {
    region: 'us-east-1',
    domainName: 'example.com',
    port: 7001,
    context: '/eureka/v2/',
    secure: false,
    resolveTxt: (name) => {
      const found = records[name]
      return found === undefined ? Promise.reject(new Error(`ENOTFOUND ${name}`)) : Promise.resolve(found)
    },
  }
}

describe('servers in DNS', () => {
  test('are found zone by zone, at the name with and without txt', async () => {
    const servers = await serversInDns(
      options({
        'txt.us-east-1.example.com': [['us-east-1a.example.com us-east-1b.example.com']],
        'txt.us-east-1a.example.com': [['one.example.com', 'two.example.com']],
        'us-east-1b.example.com': [['three.example.com']],
      }),
      signal,
    )

    expect(servers.map(({ zone, base }) => `${zone} ${base}`)).toEqual([
      'us-east-1a http://one.example.com:7001/eureka/v2/',
      'us-east-1a http://two.example.com:7001/eureka/v2/',
      'us-east-1b http://three.example.com:7001/eureka/v2/',
    ])
  })

  test('of one zone are not hidden by another without a record', async () => {
    const records = {
      'txt.us-east-1.example.com': [['a.example.com'], ['b.example.com']],
      'txt.b.example.com': [['one.example.com']],
    }

    expect(await serversInDns(options(records), signal)).toHaveLength(1)
  })

  test('that do not exist are a typed error', async () => {
    const records = { 'txt.us-east-1.example.com': [['a.example.com']] }

    await expect(serversInDns(options(records), signal)).rejects.toMatchObject({ code: 'ERR_REGISTRY_DNS' })
  })
})

test('a lookup asks a name server, and ends when it is cancelled', async () => {
  const answered: string[] = []
  const server = createSocket('udp4')
  server.on('message', (query, { port, address }) => {
    const name = nameIn(query)
    if (name === 'silent.example') return
    answered.push(name)
    server.send(txtAnswer(query, ['one.example', 'two.example']), port, address)
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const resolveTxt = txtLookup(60_000, [`127.0.0.1:${String(server.address().port)}`])
  const cancelled = new AbortController()

  const silent = expect(resolveTxt('silent.example', cancelled.signal)).rejects.toMatchObject({
    code: 'ECANCELLED',
  })
  const found = await resolveTxt('txt.example', signal)
  cancelled.abort()

  await silent
  expect(found).toEqual([['one.example', 'two.example']])
  expect(answered).toEqual(['txt.example'])
})

function nameIn(query: Buffer): string {
  const labels: string[] = []
  for (let at = 12; query[at] !== 0; at += query[at]! + 1) {
    labels.push(query.toString('ascii', at + 1, at + 1 + query[at]!))
  }
  return labels.join('.')
}

/** One TXT record made of `strings`, for the first question of `query`. */
function txtAnswer(query: Buffer, strings: readonly string[]): Buffer {
  const end = query.indexOf(0, 12) + 5
  const header = Buffer.from(query.subarray(0, 12))
  header.writeUInt16BE(0x81_80, 2)
  header.writeUInt16BE(1, 6)
  header.writeUInt32BE(0, 8)
  const data = Buffer.concat(strings.map((text) => Buffer.from([text.length, ...Buffer.from(text)])))
  const record = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 1, 0, data.length])
  return Buffer.concat([header, query.subarray(12, end), record, data])
}
