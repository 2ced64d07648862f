import { StaticSource } from '@breakwater/discovery-client'
import type { InstanceSource } from '@breakwater/discovery-client'
import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { resolveClient } from '../client-options.js'
import type { HttpClientOptions } from '../client-options.js'
import { answering, clientOf, silence } from '../fleet.model.js'
import { Pools } from '../wire/pools.js'
import { Directory } from './directory.js'

function directoryOf(options: HttpClientOptions): { directory: Directory; made: string[] } {
  const { pools, ...resolved } = resolveClient({ runtime: createRuntime(), ...options })
  const made: string[] = []
  const directory = new Directory({
    ...resolved,
    pools: new Pools(pools),
    around: resolved,
    maxDirectOrigins: pools.maxDirectOrigins,
    onService: ({ name }) => made.push(name),
  })
  onTestFinished(() => {
    directory.dispose()
  })
  return { directory, made }
}

describe('a service is found', () => {
  const source = (): StaticSource => new StaticSource({ users: ['http://10.0.0.1'] })

  test('by the host of an origin, in whatever case, however it is written', () => {
    const { directory, made } = directoryOf({ source: source() })

    const found = ['http://users', 'http://users/', 'https://USERS', new URL('http://Users/x')].map(
      (origin) => directory.find(origin),
    )

    expect(new Set(found).size).toBe(1)
    expect(made).toEqual(['users'])
  })

  test('but not by a host with a port, nor by an address', () => {
    const { directory, made } = directoryOf({ source: source() })

    const hosts = ['http://users:8080', 'http://10.0.0.1', 'http://[::1]', 'http://users.']
    for (const host of hosts) directory.find(host)

    expect(made).toEqual(hosts)
  })

  test('again after another one was asked for', () => {
    const { directory } = directoryOf({ source: source() })

    const [users, other] = [directory.find('http://users'), directory.find('http://other')]

    expect([directory.find('http://users'), directory.find('http://other')]).toEqual([users, other])
    expect(users.name).not.toBe(other.name)
  })

  test('without keeping more than 10 000 ways of writing where it is', () => {
    const { directory, made } = directoryOf({ source: source() })
    const kept = Reflect.get(directory, 'targets') as ReadonlyMap<string, unknown>

    let most = 0
    for (let nth = 0; nth < 30_000; nth++) {
      directory.find(`http://users/?${String(nth)}`)
      most = Math.max(most, kept.size)
    }

    expect(most).toBe(10_000)
    expect(made).toEqual(['users'])
  })
})

describe('services without instances, as a registry has them of any name', () => {
  const at = (port: number): string => `http://127.0.0.1:${String(port)}`
  /** Knows every name; the instances of `users` are those that it is given. */
  const registry = (users: StaticSource): InstanceSource => ({
    watch: (service, listener) => users.watch(service, listener),
    snapshot: (service) => users.snapshot(service) ?? { service, instances: [], version: 0, updatedAt: 0 },
  })

  test('are no more than hosts may be, however many names are asked for', async () => {
    const client = clientOf({ source: registry(new StaticSource({})), maxDirectOrigins: 3, retry: false })
    for (let name = 0; name < 20; name++)
      await expect(client.request(`http://name-${String(name)}/`)).rejects.toThrow(/no instance/)

    expect(client.snapshot().services.length).toBeLessThanOrEqual(3)
  })

  test('stay when they have come to have some', () => {
    const users = new StaticSource({ users: [] })
    const { directory } = directoryOf({ source: registry(users), maxDirectOrigins: 1 })
    const found = directory.find('http://users')
    users.set({ users: [at(1)] })
    directory.find('http://name-1')
    directory.find('http://name-2')

    expect(directory.find('http://users')).toBe(found)
    expect(directory.all.map(({ name }) => name)).toEqual(['users', 'name-2'])
  })
})

describe('services that come and go under ever new names', () => {
  test('are let go of when they have nobody any more', () => {
    const source = new StaticSource({})
    const runtime = createRuntime()
    const { directory } = directoryOf({ source, runtime, maxDirectOrigins: 3 })
    const shown = (): Set<string | undefined> => new Set([...runtime.instruments()].map(({ name }) => name))

    for (let nth = 0; nth < 20; nth++) {
      source.set({ stays: ['http://10.0.0.1'], [`service-${String(nth)}`]: ['http://10.0.0.1'] })
      directory.find('http://stays')
      directory.find(`http://service-${String(nth)}`)
      expect(shown().size).toBeLessThanOrEqual(3)
    }

    const names = directory.all.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['stays', 'service-19']))
    expect([...shown()].sort()).toEqual(names.sort())
  })

  test('are kept while they have somebody, however many they are', () => {
    const names = Array.from({ length: 20 }, (_, nth) => `service-${String(nth)}`)
    const source = new StaticSource(Object.fromEntries(names.map((name) => [name, ['http://10.0.0.1']])))
    const { directory, made } = directoryOf({ source, maxDirectOrigins: 3 })
    const asked = vi.spyOn(source, 'snapshot')

    for (const name of [...names, ...names]) directory.find(`http://${name}`)

    expect(made).toEqual(names)
    // To look at all of them for each new one would be 207.
    expect(asked.mock.calls.length).toBeLessThan(3 * names.length)
  })

  test('are kept while a call to them is under way, and when they were named', async () => {
    const users = await answering(silence)
    const source = new StaticSource({ users: [users.url], named: ['http://127.0.0.1:1'] })
    const services = { named: {} }
    const client = clientOf({ source, services, maxDirectOrigins: 1, retry: false })
    const caller = new AbortController()
    const { signal } = caller
    const call = client.request('http://users/', { signal }).catch((error: unknown) => error)
    await expect.poll(() => users.got.length).toBe(1)

    for (const name of ['one', 'two', 'three']) {
      source.set({ [name]: ['http://127.0.0.1:1'] })
      await client.request(`http://${name}/`).catch(() => undefined)
    }
    const kept = client.snapshot().services.map(({ name }) => name)

    expect(kept).toEqual(expect.arrayContaining(['named', 'users', 'three']))
    caller.abort()
    expect(await call).toMatchObject({ name: 'AbortError' })
  })
})

describe('nothing is made', () => {
  test.each(['ftp://users.example', 'file:///etc/passwd', 'data:,x', 'ws://users.example:1'])(
    'for %s',
    (origin) => {
      const { directory, made } = directoryOf({})

      expect(() => directory.find(origin)).toThrow(/is not a protocol of HTTP/)
      expect([made, directory.all]).toEqual([[], []])
    },
  )

  test('for a host without a scheme, whose secret is not shown', () => {
    const refused = new TypeError('what the URL begins with is not a protocol of HTTP')

    expect(() => directoryOf({}).directory.find('canary:x@users.example')).toThrow(refused)
  })

  test.each([undefined, '', 'users', 'http://', 'http://a b'])('for %j, which is no origin', (origin) => {
    const { directory } = directoryOf({})

    expect(() => directory.find(origin)).toThrow(TypeError)
    expect(directory.all).toEqual([])
  })

  test('once it is closed, for origins that were known neither', () => {
    const { directory } = directoryOf({ source: new StaticSource({ users: ['http://10.0.0.1'] }) })
    for (const origin of ['http://users', 'http://other']) directory.find(origin)

    directory.dispose()

    for (const origin of ['http://users', 'http://other', 'http://new'])
      expect(() => directory.find(origin)).toThrow(expect.objectContaining({ code: 'ERR_POOL_CLOSED' }))
    expect(directory.all).toEqual([])
  })
})

describe('hosts outside of services, when there are as many as may be', () => {
  test('wait for nobody: one that is in use stays, and another is refused', async () => {
    const [busy, other] = [await answering(silence, 'still here'), await answering('other')]
    const client = clientOf({ maxDirectOrigins: 1, attemptTimeoutMs: false })
    const caller = new AbortController()

    const pending = client.request(busy.url, { signal: caller.signal })
    await expect.poll(() => busy.got.length).toBe(1)
    const refused = client.request(other.url)

    await expect(refused).rejects.toMatchObject({ code: 'ERR_BULKHEAD_FULL' })
    expect(other.got).toEqual([])
    caller.abort()
    await expect(pending).rejects.toThrow(/aborted/)
    expect(await (await client.request(busy.url)).body.text()).toBe('still here')
  })

  test('keep what is known of one that failed: nobody can wash it away by asking others', async () => {
    const [failing, other] = [await answering(500), await answering('other')]
    const client = clientOf({ maxDirectOrigins: 1, retry: false })

    await (await client.request(failing.url)).body.dump()

    await expect(client.request(other.url)).rejects.toMatchObject({ code: 'ERR_BULKHEAD_FULL' })
    expect(client.snapshot().services[0]).toMatchObject({
      name: failing.url,
      command: { breaker: { failures: 1 } },
    })
  })

  test('one whose last request failed makes room when that is long ago', async () => {
    const clock = new SimClock()
    const [failing, other] = [await answering(500), await answering('other')]
    const client = clientOf({ maxDirectOrigins: 1, retry: false, clock })

    await (await client.request(failing.url)).body.dump()
    await clock.advance(60_000)

    expect(await (await client.request(other.url)).body.text()).toBe('other')
  })

  test('one that is used no more makes room, and its numbers go with it', async () => {
    const [one, other] = [await answering('one'), await answering('other')]
    const runtime = createRuntime()
    const client = clientOf({ maxDirectOrigins: 1, runtime, breaker: false })
    const names = (): string[] => [...new Set([...runtime.instruments()].map(({ name }) => name))]

    await (await client.request(one.url)).body.text()
    const before = names()
    await expect.poll(() => client.snapshot().services[0]?.command.inFlight).toBe(0)
    await (await client.request(other.url)).body.text()

    expect([before, names()]).toEqual([[one.url], [other.url]])
  })
})
