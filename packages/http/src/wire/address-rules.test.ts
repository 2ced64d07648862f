import { getDefaultAutoSelectFamily, setDefaultAutoSelectFamily } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { AddressGate, rangeProblem } from './address-rules.js'
import { Connector } from './connector.js'
import { eventually, httpServer } from './hostile-server.model.js'
import { resolvePools } from './pool-options.js'
import { AddressDeniedError } from './wire-errors.js'
import { send, testPool } from './wire.model.js'

test.each([
  ['169.254.169.254', false],
  ['::ffff:169.254.169.254', false],
  ['::ffff:a9fe:a9fe', false],
  ['64:ff9b::a9fe:a9fe', false],
  ['2002:a9fe:a9fe::1', false],
  ['64:ff9b:1::a9fe:a9fe', false],
  ['::ffff:0:169.254.169.254', false],
  ['192.0.0.192', false],
  ['168.63.129.16', false],
  ['fe80::1', false],
  ['fe80::1%eth0', false],
  ['169.254.169.254%1', false],
  ['::ffff:169.254.169.254%1', false],
  ['fd00:ec2::254', false],
  ['100.100.100.200', false],
  ['0.0.0.0', false],
  ['::', false],
  ['224.0.0.1', false],
  ['ff02::1', false],
  ['255.255.255.255', false],
  ['127.0.0.1', true],
  ['::1', true],
  ['10.0.0.1', true],
  ['93.184.216.34', true],
  ['2001:db8::1', true],
  ['localhost', false],
  ['0x7f.1', false],
  ['2130706433', false],
  ['', false],
])('without rules, %s: %s', (address, expected) => {
  expect(new AddressGate().permits(address)).toBe(expected)
})

const PRIVATE = [
  '10.1.2.3',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  'fc00::1',
  'fdff::1',
  'fec0::1',
]

test.each([
  [
    { deny: ['private', 'loopback'] },
    ['8.8.8.8', '172.32.0.1'],
    [...PRIVATE, '127.9.9.9', '::1', '::ffff:10.0.0.1'],
  ],
  [{ deny: [] }, ['169.254.169.254', '0.0.0.0'], []],
  [{ allow: ['10.0.0.0/8'] }, ['10.0.0.1', '::ffff:10.9.9.9'], ['11.0.0.1', '127.0.0.1', '169.254.0.1']],
  [{ allow: ['private'] }, PRIVATE, ['8.8.8.8']],
  [{ allow: ['10.0.0.0/8'], deny: ['10.1.0.0/16'] }, ['10.0.0.1'], ['10.1.0.1']],
  [{ allow: ['link-local', 'loopback'] }, ['169.254.1.1', '127.0.0.1'], ['10.0.0.1']],
  [{ allow: ['10.0.0.1', '2001:db8::/32'] }, ['10.0.0.1', '2001:db8:1::1'], ['10.0.0.2', '2001:db9::1']],
] as const)('%j permits %j and not %j', (rules, permitted, refused) => {
  const gate = new AddressGate(rules)

  for (const address of permitted) expect([address, gate.permits(address)]).toEqual([address, true])
  for (const address of refused) expect([address, gate.permits(address)]).toEqual([address, false])
})

test.each(['loopback', '10.0.0.0/8', '10.0.0.1', '::/0', '0.0.0.0/0', 'fe80::/10'])(
  '%s is a range',
  (entry) => {
    expect(rangeProblem(entry)).toBeUndefined()
  },
)

test.each([
  '',
  'local',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/08',
  '10/8',
  '/8',
  7,
  'toString',
])('%j is none', (entry) => {
  expect(rangeProblem(entry)).toContain('one of loopback')
})

// What URLs make of an address in odd notation is what undici is given.
test.each(['127.0.0.1', '0x7f.1', '2130706433', '0177.0.0.1', '127.1', '[::ffff:127.0.0.1]', 'localhost'])(
  'nobody connects to http://%s where loopback is denied (S4)',
  async (host) => {
    const server = await httpServer((_request, response) => response.end())
    const { origin } = new URL(`http://${host}:${String(server.port)}`)
    const pool = testPool(origin, { addresses: { deny: ['loopback'] } })

    const { exchange, sink } = send(pool, { origin, method: 'POST', body: 'secret' })
    await sink.ended

    expect(sink.error).toBeInstanceOf(AddressDeniedError)
    expect(sink.error).toMatchObject({ code: 'ERR_ADDRESS_DENIED' })
    expect(exchange).toMatchObject({ failureClass: 'never-sent', failureKind: 'transport' })
    expect(server.accepted).toBe(0)
    expect(await pool.warm(1)).toBe(0)
  },
)

test('the address connected to is asked about again, whatever was resolved before (S4)', async () => {
  const server = await httpServer((_request, response) => response.end('secret'))
  const asked: string[] = []
  const gate = {
    permits: (address: string) => asked.push(address) === 1,
  } as unknown as AddressGate
  const connector = new Connector({ ...resolvePools(), gate }, undefined)
  const target = { hostname: '127.0.0.1', protocol: 'http:', port: String(server.port) }

  const error = await new Promise((resolve) => {
    connector.connect(target, (...[thrown]) => resolve(thrown))
  })

  expect(error).toBeInstanceOf(AddressDeniedError)
  expect(asked).toEqual(['127.0.0.1', '127.0.0.1'])
  await eventually(() => server.open() === 0)
  expect(server.requests).toEqual([])
})

test('names that resolve to what is permitted are connected to', async () => {
  const server = await httpServer((_request, response) => response.end('hello'))
  const origin = `http://localhost:${String(server.port)}`
  const pool = testPool(origin, { addresses: { allow: ['127.0.0.0/8'] } })

  const { sink } = send(pool, { origin })
  await sink.ended

  expect(sink.body).toBe('hello')
})

test('addresses are looked at one by one where Node does not choose among families (S4)', async () => {
  const choosesFamily = getDefaultAutoSelectFamily()
  setDefaultAutoSelectFamily(false)
  onTestFinished(() => setDefaultAutoSelectFamily(choosesFamily))
  const server = await httpServer((_request, response) => response.end('hello'))
  const origin = `http://localhost:${String(server.port)}`

  const open = send(testPool(origin, { addresses: { allow: ['127.0.0.0/8'] } }), { origin })
  const shut = send(testPool(origin, { addresses: { deny: ['loopback'] } }), { origin })
  const none = send(testPool('http://nowhere.invalid'), { origin: 'http://nowhere.invalid' })
  await Promise.all([open, shut, none].map(({ sink }) => sink.ended))

  expect(open.sink.body).toBe('hello')
  expect(shut.sink.error).toBeInstanceOf(AddressDeniedError)
  expect((none.sink.error as NodeJS.ErrnoException).code).toMatch(/ENOTFOUND|EAI_AGAIN/)
  expect(server.accepted).toBe(1)
})

test('a name that does not exist fails before anything was sent', async () => {
  const origin = 'http://does-not-exist.invalid'
  const pool = testPool(origin)

  const { exchange, sink } = send(pool, { origin })
  await sink.ended

  expect((sink.error as NodeJS.ErrnoException).code).toMatch(/ENOTFOUND|EAI_AGAIN/)
  expect(exchange.failureClass).toBe('never-sent')
})
