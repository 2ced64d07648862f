import { InvalidOptionsError } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { systemResolver } from './dns-resolver.js'
import { DnsSource } from './dns-source.js'
import { a, nameServer, srv } from './name-server.model.js'

test('SRV records of a real name server become instances', async () => {
  await using server = await nameServer({
    '_users._tcp.test': [srv('u2.test', 82, 3), srv('u1.test', 81, 1)],
  })
  using source = new DnsSource({ name: '_{service}._tcp.test', servers: [server.address] })

  await source.refresh('users')

  expect(source.snapshot('users')?.instances).toMatchObject([
    { host: 'u1.test', port: 81, weight: 1 },
    { host: 'u2.test', port: 82, weight: 3 },
  ])
})

test('A records of a real name server become instances, and bring their time to live', async () => {
  await using server = await nameServer({ 'users.test': [a('10.0.0.7', 17)] })
  using source = new DnsSource({ name: '{service}.test', type: 'A', port: 80, servers: [server.address] })

  await source.refresh('users')

  expect(source.snapshot('users')?.instances[0]?.id).toBe('10.0.0.7:80')
  expect(await systemResolver(1_000, [server.address]).a('users.test', new AbortController().signal)).toEqual(
    [{ address: '10.0.0.7', ttl: 17 }],
  )
})

test('a name that does not exist is an error of the source', async () => {
  await using server = await nameServer({})
  using source = new DnsSource({ name: '{service}.test', servers: [server.address] })
  const errors: string[] = []
  source.on('error', ({ name, error }) =>
    errors.push(`${name}: ${(error as NodeJS.ErrnoException).code ?? ''}`),
  )

  await source.refresh('users')

  expect(errors).toEqual(['users.test: ENOTFOUND'])
  expect(source.snapshot('users')).toBeUndefined()
})

test('a look-up ends when its source does', async () => {
  const ending = new AbortController()
  // Nobody answers at the discard port.
  const looked = systemResolver(60_000, ['127.0.0.1:9']).a('users.test', ending.signal)
  const ended = expect(looked).rejects.toMatchObject({
    code: expect.stringMatching(/ECANCELLED|ECONNREFUSED/) as string,
  })

  ending.abort()

  await ended
})

test.each(['10.0.0.2', '10.0.0.2:53', '::1', '[::1]:53'])('%s is a name server', (server) => {
  expect(() => new DnsSource({ name: 'users.test', servers: [server] })).not.toThrow()
})

test.each(['', 'ns1.internal', '10.0.0.2:99999'])('%j is refused as a name server', (server) => {
  expect(() => new DnsSource({ name: 'users.test', servers: [server] })).toThrow(InvalidOptionsError)
})
