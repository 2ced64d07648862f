import { onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Snapshot } from '../../instance.js'
import { createBalancer } from '../../balancing/balancer.js'
import { startEureka, testClient } from './client.model.js'

const ports = ({ instances }: Snapshot): number[] => instances.map(({ port }) => port).toSorted()

describe('a watcher of a service', () => {
  test('hears of the present list, of each other one, and of nothing else', async () => {
    const eureka = await startEureka()
    eureka.register({ appName: 'users', port: 1 })
    const { client } = testClient({ serviceUrls: [eureka.url] })
    const heard: number[][] = []
    const unwatch = client.watch('users', (snapshot) => heard.push(ports(snapshot)))
    expect(heard).toEqual([])

    await client.start()
    await client.refresh()
    eureka.register({ appName: 'orders', port: 9 })
    await client.refresh()
    eureka.register({ appName: 'users', port: 2 })
    await client.refresh()
    unwatch()
    eureka.register({ appName: 'users', port: 3 })
    await client.refresh()

    expect(heard).toEqual([[1], [1, 2]])
    client.watch('users', (snapshot) => heard.push(ports(snapshot)))()
    expect(heard.at(-1)).toEqual([1, 2, 3])
  })

  test('hears of an empty list when a service is gone or unknown', async () => {
    const eureka = await startEureka()
    const id = eureka.register({ appName: 'users', port: 1 })
    eureka.register({ appName: 'orders', port: 2 })
    eureka.register({ appName: 'orders', port: 3 })
    const { client } = testClient({ serviceUrls: [eureka.url] })
    await client.start()
    const heard: number[][] = []
    client.watch('users', (snapshot) => heard.push(ports(snapshot)))
    client.watch('nobody', (snapshot) => heard.push(ports(snapshot)))

    eureka.cancel(id)
    await client.refresh()

    expect(heard).toEqual([[1], [], []])
  })

  test('that throws, rejects, leaves, or joins others changes nothing for the others', async () => {
    const eureka = await startEureka()
    const { client } = testClient({ serviceUrls: [eureka.url] })
    const reports: unknown[] = []
    onTestFinished(onInternalError((error) => reports.push(error)))
    const last = vi.fn()
    client.watch('users', () => {
      throw new Error('mine')
    })
    client.watch('users', () => Promise.reject(new Error('mine too')) as unknown as undefined)
    const unwatch = client.watch('users', () => {
      unwatch()
    })
    client.watch('users', last)
    const ends: (() => void)[] = []
    client.watch('users', () => {
      for (const end of ends) end()
    })
    const ended = vi.fn()
    ends.push(client.watch('users', ended))

    await client.start()
    eureka.register({ appName: 'users', port: 1 })
    await client.refresh()

    expect(reports.map(String)).toEqual(['Error: mine', 'Error: mine too', 'Error: mine', 'Error: mine too'])
    expect(last).toHaveBeenCalledTimes(2)
    expect(ended).not.toHaveBeenCalled()
  })
})

test('a snapshot keeps its list and version while nothing changes, and tells how fresh it is', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', port: 1 })
  const clock = new SimClock()
  const { client } = testClient({ serviceUrls: [eureka.url], clock })
  expect(client.snapshot('users')).toBeUndefined()
  await client.start()
  const first = client.snapshot('users')!

  eureka.register({ appName: 'orders', port: 2 })
  await clock.advance(10)
  await client.refresh()
  const second = client.snapshot('users')!
  eureka.register({ appName: 'users', port: 3 })
  await client.refresh()
  const third = client.snapshot('users')!

  expect(second.instances).toBe(first.instances)
  expect([second.version, second.updatedAt]).toEqual([first.version, first.updatedAt + 10])
  expect(third.version).toBeGreaterThan(second.version)
  expect(Object.isFrozen(third.instances)).toBe(true)
})

test('addresses are by name or by IP, and by the port that is wanted', async () => {
  const eureka = await startEureka()
  eureka.register({
    appName: 'users',
    hostName: 'one.example',
    ipAddr: '10.0.0.1',
    port: 80,
    securePort: 443,
  })
  const address = async (options: object): Promise<string[]> => {
    const { client } = testClient({ serviceUrls: [eureka.url], ...options })
    await client.start()
    return client
      .instances('users')
      .map(({ host, port, secure }) => `${host}:${String(port)} ${String(secure)}`)
  }

  expect(await address({})).toEqual(['one.example:80 false'])
  expect(await address({ useIp: true })).toEqual(['10.0.0.1:80 false'])
  expect(await address({ preferSecure: true })).toEqual(['one.example:443 true'])
})

test('an application stands in for a VIP that nobody has, not for one that is out of service', async () => {
  const eureka = await startEureka()
  eureka.register({ appName: 'users', vipAddress: 'users-test', port: 2 })
  eureka.register({ appName: 'orders', vipAddress: 'shop, Orders', port: 3, status: 'DOWN' })
  eureka.register({ appName: 'orders', vipAddress: 'orders-test', port: 4 })
  const { client } = testClient({ serviceUrls: [eureka.url] })
  await client.start()
  const found = (service: string): number[] => client.instances(service).map(({ port }) => port)
  expect([found('users'), found('orders'), found('orders')]).toEqual([[2], [], []])

  const live = eureka.register({ appName: 'users', vipAddress: 'users', port: 1 })
  await client.refresh()
  expect(found('users')).toEqual([1])
  eureka.setStatus(live, 'OUT_OF_SERVICE')
  await client.refresh()

  expect(found('users')).toEqual([])
})

test('applications that share a VIP may use the same ids: each instance has its own place, also for balancers', async () => {
  const eureka = await startEureka()
  const onHost = { vipAddress: 'users', instanceId: 'host-1', hostName: '10.0.0.1' }
  eureka.register({ ...onHost, appName: 'blue', port: 1 })
  const { client } = testClient({ serviceUrls: [eureka.url] })
  await client.start()
  using balancer = createBalancer({ source: client, service: 'users', strategy: 'roundRobin' })
  const ids = (): string[] =>
    client
      .instances('users')
      .map(({ id }) => id)
      .toSorted()
  expect(ids()).toEqual(['host-1'])

  // The same process, registered by its old name too.
  eureka.register({ ...onHost, appName: 'cyan', port: 1 })
  await client.refresh()
  expect(ids()).toEqual(['host-1', 'host-1'])
  eureka.register({ ...onHost, appName: 'green', port: 2 })
  await client.refresh()

  expect(ids()).toEqual(['BLUE/host-1', 'CYAN/host-1', 'GREEN/host-1'])
  const picked = [1, 2, 3].map(() => {
    using pick = balancer.pick()
    return pick.instance.port
  })
  expect(picked.toSorted()).toEqual([1, 1, 2])
})

test('what is no service, and what is no listener, is refused, and nobody watches', async () => {
  const { client } = testClient({ serviceUrls: ['http://127.0.0.1:1/'] })
  const refused = (path: string): object =>
    expect.objectContaining({ code: 'ERR_INVALID_OPTIONS', issues: [expect.objectContaining({ path })] })

  expect(() => client.watch(undefined as never, () => undefined)).toThrow(refused('service'))
  expect(() => client.watch('users', 5 as never)).toThrow(refused('listener'))
  for (const name of [undefined, 5, {}]) {
    expect(() => client.instances(name as never)).toThrow(refused('name'))
    expect(() => client.nextServer(name as never)).toThrow(refused('name'))
    expect(() => client.instance(name as never)).toThrow(refused('instanceId'))
  }
})

test('an id that leads to different hosts by the same port is none of one instance either, also beside one without a port', async () => {
  const eureka = await startEureka()
  const common = { vipAddress: 'users', instanceId: 'host-1' }
  eureka.register({ ...common, appName: 'amber', hostName: '10.0.0.1', port: 0 })
  eureka.register({ ...common, appName: 'blue', hostName: '10.0.0.1', port: 1 })
  eureka.register({ ...common, appName: 'cyan', hostName: '10.0.0.2', port: 1 })
  const { client } = testClient({ serviceUrls: [eureka.url] })

  await client.start()

  const instances = client.instances('users')
  expect(instances.map(({ id, host }) => `${id} ${host}`).toSorted()).toEqual([
    'BLUE/host-1 10.0.0.1',
    'CYAN/host-1 10.0.0.2',
  ])
  expect(instances.every((instance) => Object.isFrozen(instance))).toBe(true)
})
