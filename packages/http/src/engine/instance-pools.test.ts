/** Pools follow the instances of a service: made when these come, drained when they leave. */
import { StaticSource } from '@breakwater/discovery-client'
import type { Instance, InstanceSource } from '@breakwater/discovery-client'
import { onInternalError } from '@breakwater/kernel'
import type { MonotonicMs } from '@breakwater/kernel'
import { Agent, request } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { clientOf, failureOf, isAtRest } from '../fleet.model.js'
import { bytesArrived, eventually, rawServer } from '../wire/hostile-server.model.js'
import type { TestServer } from '../wire/hostile-server.model.js'
import type { InstancePool } from '../wire/instance-pool.js'
import { resolvePools } from '../wire/pool-options.js'
import { Pools } from '../wire/pools.js'
import { InstancePools } from './instance-pools.js'

const EMPTY = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'
const HALF = 'HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nhalf'

const instance = (
  id: string,
  { port }: Pick<TestServer, 'port'>,
  more: Partial<Instance> = {},
): Instance => ({
  id,
  host: '127.0.0.1',
  port,
  secure: false,
  status: 'UP',
  metadata: {},
  weight: 1,
  ...more,
})

test('an instance that leaves ends what it has begun, and its connections close', async () => {
  let finish = (): unknown => undefined
  const leaving = await rawServer((socket) => {
    socket.write(HALF)
    finish = () => socket.write('half')
  })
  const staying = await rawServer((socket) => socket.write(EMPTY))
  const source = new StaticSource({ users: [instance('a', leaving)] })
  const client = clientOf({ source })

  const { body } = await client.request('http://users/')
  source.set({ users: [instance('b', staying)] })
  const states = client.snapshot().pools.map(({ origin, state }) => [origin, state])
  await (await client.request('http://users/')).body.dump()
  await bytesArrived()
  const openMeanwhile = leaving.open()
  finish()

  expect(await body.text()).toBe('halfhalf')
  expect(states).toEqual([
    [staying.origin, 'open'],
    [leaving.origin, 'draining'],
  ])
  expect(openMeanwhile).toBe(1)
  await eventually(() => leaving.open() === 0 && client.snapshot().pools.length === 1)
  expect([leaving.requests.length, staying.requests.length]).toEqual([1, 1])
})

test('an instance that moved under its name is asked where it is, and nothing stays where it was', async () => {
  const [before, after] = [
    await rawServer((socket) => socket.write(EMPTY)),
    await rawServer((socket) => socket.write(EMPTY)),
  ]
  const source = new StaticSource({ users: [instance('a', before)] })
  const client = clientOf({ source })

  await (await client.request('http://users/')).body.dump()
  source.set({ users: [instance('a', after)] })
  const open = client.snapshot().pools.filter(({ state }) => state === 'open')
  await (await client.request('http://users/')).body.dump()

  expect(open.map(({ origin }) => origin)).toEqual([after.origin])
  expect([before.requests.length, after.requests.length]).toEqual([1, 1])
  await eventually(() => before.open() === 0)
})

test('an instance that was chosen where the list does not have it yet has one pool, there', () => {
  const source = new StaticSource({ users: [instance('a', { port: 1 })] })
  const pools = new Pools(resolvePools())
  const held = new InstancePools({ pools, source, service: 'users', tlsName: undefined })
  onTestFinished(() => pools.destroy())

  const { origin } = held.of(instance('a', { port: 2 }))

  expect(origin).toBe('http://127.0.0.1:2')
  expect(pools.stats.filter(({ state }) => state === 'open').map((pool) => pool.origin)).toEqual([origin])
})

test('an instance that says something new about itself keeps its connections', async () => {
  const server = await rawServer((socket) => socket.write(EMPTY))
  const source = new StaticSource({ users: [instance('a', server)] })
  const client = clientOf({ source })

  await (await client.request('http://users/')).body.dump()
  source.set({ users: [instance('a', server, { metadata: { version: '2' } })] })
  await (await client.request('http://users/')).body.dump()

  expect(client.snapshot().pools.map(({ state }) => state)).toEqual(['open'])
  expect(server.closed).toEqual([])
})

test('an instance whose certificate is to bear another name from now on has another pool', () => {
  const named = (tlsName: string, version: string): Instance =>
    instance('a', { port: 1 }, { secure: true, metadata: { tlsName, version } })
  const source = new StaticSource({ users: [named('old.internal', '1')] })
  const pools = new Pools(resolvePools())
  const tlsName = ({ metadata }: Instance): string => {
    if (metadata['tlsName'] === 'none') throw new Error('no name')
    return String(metadata['tlsName'])
  }
  const held = new InstancePools({ pools, source, service: 'users', tlsName })
  onTestFinished(() => pools.destroy())
  onTestFinished(onInternalError(() => undefined))
  const poolFor = (tls: string, version: string): InstancePool => {
    source.set({ users: [named(tls, version)] })
    return held.of(named(tls, version))
  }

  const first = poolFor('old.internal', '2')

  expect(poolFor('old.internal', '3')).toBe(first)
  expect(poolFor('new.internal', '4').servername).toBe('new.internal')
  expect(first.state).not.toBe('open')
  expect(() => poolFor('none', '5')).toThrow('no name')
  expect(poolFor('new.internal', '6').servername).toBe('new.internal')
})

test('an instance for which nobody can tell the name of its certificate fails, and another is asked', async () => {
  const told: unknown[] = []
  onTestFinished(onInternalError((error) => told.push((error as Error).message)))
  const server = await rawServer((socket) => socket.write(EMPTY))
  const nameless = instance('nameless', server, { secure: true })
  const source = new StaticSource({ users: [nameless, instance('good', server)] })
  const tlsName = (): string => {
    throw new Error('no name')
  }
  const client = clientOf({ source, tlsName, balancer: { strategy: 'roundRobin' } })

  const statuses = new Set<number>()
  for (let call = 0; call < 4; call++) statuses.add((await client.request('http://users/')).statusCode)
  await isAtRest(client)

  expect([...statuses]).toEqual([200])
  expect(client.snapshot().services[0]?.balancer?.calls).toMatchObject({ success: 4, cancelled: 0 })
  expect(told).toEqual(['no name'])
})

describe('an instance without an address that can be called', () => {
  /** A source that checks nothing. */
  const sourceOf = (instances: readonly Instance[]): InstanceSource => {
    const snapshot = { service: 'users', version: 1, updatedAt: 0 as MonotonicMs, instances }
    return {
      snapshot: () => snapshot,
      watch: (_service, listener) => {
        listener(snapshot)
        return () => undefined
      },
    }
  }
  const hosts = ['127.0.0.1@evil.example', 'evil.example#', 'a/..', '0x7f.1', '']

  test('keeps no other away, fails in the eyes of the balancer, and is told of', async () => {
    const told: unknown[] = []
    onTestFinished(onInternalError((error) => told.push((error as Error).message)))
    const good = await rawServer((socket) => socket.write(EMPTY))
    const bad = hosts.slice(0, 2).map((host, nth) => instance(`bad ${String(nth)}`, good, { host }))
    const source = sourceOf([...bad, instance('good', good)])
    const client = clientOf({ source, balancer: { strategy: 'roundRobin' } })

    const statuses = new Set<number>()
    for (let call = 0; call < 9; call++)
      statuses.add((await client.request('http://users/', { method: 'POST' })).statusCode)
    await isAtRest(client)

    expect([...statuses]).toEqual([200])
    expect(client.snapshot().services[0]?.balancer?.calls).toMatchObject({ success: 9, cancelled: 0 })
    expect(client.snapshot().services[0]?.balancer?.calls.failure).toBeGreaterThan(1)
    expect(told).toEqual(bad.map(({ id }) => `instance ${id} has no address that can be called`))
  })

  test.each(['request', 'interceptor'])('ends a request when there is no other: by %s', async (way) => {
    onTestFinished(onInternalError(() => undefined))
    const server = await rawServer((socket) => socket.write(EMPTY))
    const bad = hosts.map((host) => instance(`bad ${host}`, server, { host }))
    const client = clientOf({ source: sourceOf(bad), retry: false })
    const agent = new Agent()
    onTestFinished(() => agent.destroy())
    const dispatcher = agent.compose(client.interceptor())

    const sent =
      way === 'request' ? client.request('http://users/') : request('http://users/', { dispatcher })

    expect(await failureOf(sent)).toBeInstanceOf(TypeError)
    expect(server.accepted).toBe(0)
    await isAtRest(client)
  })
})
