import { createBalancer, DnsSource } from '@breakwater/discovery-client'
import type { DnsSourceOptions } from '@breakwater/discovery-client'
import { afterEach, describe, expect, test } from 'vitest'
import { missingForDns, RealNameServer } from './real-name-server.ts'
import type { Zone } from './real-name-server.ts'

const PATIENCE = { timeout: 30_000, interval: 20 }
const LIMIT_MS = 150_000
const SRV = { name: '_{service}._tcp.test' } as const

const missing = missingForDns()
const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface Lab {
  readonly server: RealNameServer
  readonly source: DnsSource
  readonly errors: string[]
  readonly ids: () => string[] | undefined
}

async function lab(zone: Zone, options: DnsSourceOptions): Promise<Lab> {
  const server = await RealNameServer.start(zone)
  endings.push(() => server.stop())
  const source = new DnsSource({ minRefreshMs: 50, ...options, servers: [server.address] })
  endings.push(() => {
    source.dispose()
  })
  const errors: string[] = []
  source.on('error', ({ error }) => errors.push((error as NodeJS.ErrnoException).code ?? error.message))
  return { server, source, errors, ids: () => source.snapshot('users')?.instances.map(({ id }) => id) }
}

const srv = (target: string, port: number, more: object = {}): NonNullable<Zone['srv']>[number] => ({
  name: '_users._tcp.test',
  target,
  port,
  ...more,
})
const a = (address: string, ttl = 0): NonNullable<Zone['a']>[number] => ({ name: 'users.test', address, ttl })

const title = missing === undefined ? 'a real name server' : `a real name server (${missing})`
describe.skipIf(missing !== undefined && process.env['CI'] === undefined)(
  title,
  { timeout: LIMIT_MS },
  () => {
    test('gives SRV records: those of the first priority, with port and weight', async () => {
      expect(missing).toBeUndefined()
      const records = [srv('b.test', 9_002, { weight: 30 }), srv('a.test', 9_001, { weight: 10 })]
      const { source, errors } = await lab({ srv: [...records, srv('c.test', 9_003, { priority: 1 })] }, SRV)
      await source.refresh('users')

      expect(source.snapshot('users')?.instances).toMatchObject([
        { id: 'a.test:9001', host: 'a.test', port: 9_001, weight: 10 },
        { id: 'b.test:9002', host: 'b.test', port: 9_002, weight: 30 },
      ])
      expect(errors).toEqual([])
    })

    test('is followed as its records change, and again after a power cut', async () => {
      const { server, source, ids, errors } = await lab(
        { srv: [srv('a.test', 9_001)] },
        { ...SRV, refreshMs: 100 },
      )
      using balancer = createBalancer({ source, service: 'users' })
      await expect.poll(ids, PATIENCE).toEqual(['a.test:9001'])
      await server.serve({ srv: [srv('a.test', 9_001), srv('b.test', 9_002)] })
      await expect.poll(ids, PATIENCE).toEqual(['a.test:9001', 'b.test:9002'])

      await server.kill()
      const before = errors.length
      await expect.poll(() => errors.length, PATIENCE).toBeGreaterThan(before)
      const whileDown = balancer.snapshot().instances.length
      await server.serve({ srv: [srv('c.test', 9_003)] })
      await expect.poll(ids, PATIENCE).toEqual(['c.test:9003'])

      expect(whileDown).toBe(2)
      expect(balancer.pick().instance.port).toBe(9_003)
    })

    test('that is silent, knows no such name, or nobody of that kind, leaves the last good answer in use', async () => {
      const options = { ...SRV, timeoutMs: 300 }
      const { server, source, ids, errors } = await lab({ srv: [srv('a.test', 9_001)] }, options)
      // Others may come between: the machine may be slower than the time for an answer.
      const untilItTells = async (code: string): Promise<void> => {
        while (!errors.includes(code)) await source.refresh('users')
      }
      while (ids() === undefined) await source.refresh('users')
      server.freeze(true)
      await untilItTells('ETIMEOUT')
      server.freeze(false)
      await server.serve({})
      await untilItTells('ENOTFOUND')
      await server.serve({ a: [{ name: '_users._tcp.test', address: '127.0.0.1' }] })
      await untilItTells('ENODATA')

      expect(ids()).toEqual(['a.test:9001'])
    })

    test('gives A records, which are looked up again when their time to live is over', async () => {
      const options = { name: 'users.test', type: 'A', port: 81, refreshMs: 60_000 } as const
      const { server, source, ids } = await lab({ a: [a('127.0.0.1', 1), a('127.0.0.2', 1)] }, options)
      await source.refresh('users')
      const first = ids()
      await server.serve({ a: [a('127.0.0.3', 1)] })

      await expect.poll(ids, PATIENCE).toEqual(['127.0.0.3:81'])
      expect(first).toEqual(['127.0.0.1:81', '127.0.0.2:81'])
    })

    test('gives more records than fit into a packet', async () => {
      const names = Array.from(
        { length: 200 },
        (_, index) => `instance-${String(index).padStart(3, '0')}.test`,
      )
      const { source, ids } = await lab({ srv: names.map((name) => srv(name, 9_000)) }, SRV)
      await source.refresh('users')

      expect(ids()).toEqual(names.map((name) => `${name}:9000`))
    })
  },
)
