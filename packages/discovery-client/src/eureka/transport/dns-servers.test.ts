import { describe, expect, test } from 'vitest'
import { nameServer, SILENCE, txt } from '../../sources/name-server.model.js'
import { oncePerName, serversInDns, txtFrom } from './dns-servers.js'
import type { DnsServersOptions } from './dns-servers.js'

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

  test('are spoken to with TLS where it is asked for', async () => {
    const records = {
      'txt.us-east-1.example.com': [['a.example.com']],
      'txt.a.example.com': [['one.example.com']],
    }

    const [server] = await serversInDns({ ...options(records), secure: true }, signal)

    expect(server?.base).toBe('https://one.example.com:7001/eureka/v2/')
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
  await using server = await nameServer({
    'txt.example': [txt('one.example', 'two.example')],
    'silent.example': SILENCE,
  })
  const resolveTxt = txtFrom({ timeoutMs: 60_000, servers: [server.address] })
  const cancelled = new AbortController()

  const silent = expect(resolveTxt('silent.example', cancelled.signal)).rejects.toMatchObject({
    code: 'ECANCELLED',
  })
  const found = await resolveTxt('txt.example', signal)
  cancelled.abort()

  await silent
  expect(found).toEqual([['one.example', 'two.example']])
  expect(server.asked).toEqual(['silent.example', 'txt.example'])
})

test('row 27: a look-up that hangs is joined by no other of its name; one that has ended is', async () => {
  const waiting = new Map<string, (records: readonly (readonly string[])[]) => void>()
  let asked = 0
  const resolveTxt = oncePerName((name) => {
    asked++
    return new Promise((resolve) => waiting.set(name, resolve))
  })

  const answers = [resolveTxt('a', signal), resolveTxt('a', signal), resolveTxt('b', signal)]
  expect(asked).toBe(2)
  waiting.get('a')?.([['one']])
  waiting.get('b')?.([['two']])

  expect(await Promise.all(answers)).toEqual([[['one']], [['one']], [['two']]])
  void resolveTxt('a', signal)
  expect(asked).toBe(3)
})

test('row 27: a look-up that fails is forgotten too', async () => {
  const resolveTxt = oncePerName(() => Promise.reject(new Error('SERVFAIL')))

  await expect(resolveTxt('a', signal)).rejects.toThrow('SERVFAIL')
  await expect(resolveTxt('a', signal)).rejects.toThrow('SERVFAIL')
})
