import { ConsulSource, createBalancer, DnsSource } from '@breakwater/discovery-client'
import type { ConsulSourceOptions, Instance } from '@breakwater/discovery-client'
import { afterEach, describe, expect, test } from 'vitest'
import { missingForConsul } from './prepare.ts'
import { RealConsul } from './real-consul.ts'

const PATIENCE = { timeout: 30_000, interval: 20 }
const BUILD_MS = 1_800_000

const missing = missingForConsul()
const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface Lab {
  readonly consul: RealConsul
  readonly source: ConsulSource
  readonly errors: string[]
  /** What is known of `users` now. */
  readonly users: () => readonly Instance[] | undefined
  readonly ids: () => string[] | undefined
}

async function lab(options: Partial<ConsulSourceOptions> = {}, hcl: readonly string[] = []): Promise<Lab> {
  const consul = await RealConsul.start({ hcl })
  endings.push(() => consul.stop())
  const source = new ConsulSource({ url: consul.url, waitMs: 30_000, minIntervalMs: 50, ...options })
  endings.push(() => {
    source.dispose()
  })
  const errors: string[] = []
  source.on('error', ({ error }) => errors.push(error.message.replaceAll(consul.url, 'CONSUL')))
  const users = (): readonly Instance[] | undefined => source.snapshot('users')?.instances
  return { consul, source, errors, users, ids: () => users()?.map(({ id }) => id) }
}

const user = (number: number, more: object = {}): Parameters<RealConsul['register']>[0] => ({
  ID: `users-${String(number)}`,
  Name: 'users',
  Address: '127.0.0.1',
  Port: 9_000 + number,
  ...more,
})

const title = missing === undefined ? 'a real Consul' : `a real Consul (${missing})`
describe.skipIf(missing !== undefined && process.env['CI'] === undefined)(
  title,
  { timeout: BUILD_MS },
  () => {
    test('tells of registrations, states of health and departures within a query that waits', async () => {
      expect(missing).toBeUndefined()
      const { consul, source, ids, users, errors } = await lab()
      const heard: (readonly string[])[] = []
      source.watch('users', ({ instances }) => heard.push(instances.map(({ id }) => id)))
      await source.ready('users')
      const first = ids()

      await consul.register(user(1, { Meta: { zone: 'a' }, Weights: { Passing: 5, Warning: 2 } }))
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1'])
      expect(users()).toMatchObject([
        { host: '127.0.0.1', port: 9_001, zone: 'a', weight: 5, status: 'UP', metadata: { zone: 'a' } },
      ])
      await consul.register(user(2))
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1', 'lab/users-2'])
      await consul.setHealth('users-1', 'critical')
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-2'])
      await consul.setHealth('users-1', 'passing')
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1', 'lab/users-2'])
      await consul.deregister('users-2')
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1'])

      expect([first, errors]).toEqual([[], []])
      // Registering writes service and check one after the other, so a list may say the same twice; nobody hears that.
      expect(new Set(heard.map(String)).size).toBe(4)
    })

    test('shows those that are not passing if asked to, with the weight of a warning', async () => {
      const { consul, users } = await lab({ passing: false })
      await consul.register(user(1, { Weights: { Passing: 5, Warning: 2 } }))
      await consul.register(user(2))
      await consul.register(user(3))
      await consul.setHealth('users-1', 'warning')
      await consul.setHealth('users-2', 'critical')
      await consul.setMaintenance('users-3', true)

      const seen = (): unknown => users()?.map(({ status, weight }) => `${status} ${String(weight)}`)
      await expect.poll(seen, PATIENCE).toEqual(['UP 2', 'DOWN 1', 'OUT_OF_SERVICE 1'])
    })

    test('gives only what tags and filter ask for', async () => {
      const { consul, ids } = await lab({ tags: ['blue'], filter: 'Service.Meta.version == "2"' })
      await consul.register(user(1, { Tags: ['blue'], Meta: { version: '2' } }))
      await consul.register(user(2, { Tags: ['green'], Meta: { version: '2' } }))
      await consul.register(user(3, { Tags: ['blue', 'new'], Meta: { version: '1' } }))
      await consul.register(user(4, { Tags: ['new', 'blue'], Meta: { version: '2' } }))

      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1', 'lab/users-4'])
    })

    test('restarts empty with a lower index, and is followed again', async () => {
      const { consul, source, ids, errors } = await lab()
      for (let number = 1; number <= 20; number++) await consul.register(user(number))
      using balancer = createBalancer({ source, service: 'users' })
      await expect.poll(() => ids()?.length, PATIENCE).toBe(20)

      await consul.kill()
      await expect.poll(() => errors.length, PATIENCE).toBeGreaterThan(0)
      balancer.pick().done('success')
      const whileDown = ids()?.length
      await consul.startAgain()
      await consul.register(user(21))
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-21'])

      expect(whileDown).toBe(20)
      expect(balancer.pick().instance.port).toBe(9_021)
    })

    test('that stands still is left when the time is over, and followed when it goes on', async () => {
      const { consul, source, ids, errors } = await lab({ waitMs: 1_000, timeoutMs: 500, maxRetryMs: 200 })
      await consul.register(user(1))
      source.watch('users', () => {})
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1'])

      consul.freeze(true)
      await expect.poll(() => errors, PATIENCE).toContain('CONSUL/ did not answer in time')
      const during = ids()
      consul.freeze(false)
      await consul.register(user(2))
      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1', 'lab/users-2'])

      expect(during).toEqual(['lab/users-1'])
    })

    test('with access control tells that the token may not see the service, and shows it to one that may', async () => {
      const root = '00000000-0000-0000-0000-000000000001'
      const acl = `acl { enabled = true, default_policy = "deny", tokens { initial_management = "${root}", agent = "${root}" } }`
      let token = root
      const { consul, ids, errors, source } = await lab({ token: () => token, maxRetryMs: 100 }, [acl])
      await consul.put('v1/agent/service/register', user(1), root)
      const { SecretID } = (await consul.put('v1/acl/token', {}, root)) as { SecretID: string }
      token = SecretID
      await source.ready('users')
      await expect.poll(() => errors, PATIENCE).toContain('the token may not see the instances of users')
      const blind = ids()
      token = root

      await expect.poll(ids, PATIENCE).toEqual(['lab/users-1'])
      expect(blind).toBeUndefined()
    })

    test('answers to a source of DNS records, too', async () => {
      const { consul } = await lab()
      await consul.register(user(1, { Weights: { Passing: 5, Warning: 2 } }))
      await consul.register(user(2))
      using source = new DnsSource({ name: '{service}.service.consul', servers: [consul.dns] })
      await source.refresh('users')

      const seen = source.snapshot('users')?.instances.map(({ host, port, weight }) => [host, port, weight])
      const host = expect.stringMatching(/^7f000001\.addr\.dc1\.consul$/)
      expect(seen).toEqual([
        [host, 9_001, 5],
        [host, 9_002, 1],
      ])
    })
  },
)
