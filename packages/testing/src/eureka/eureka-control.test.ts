import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { SimClock } from '../sim-clock.js'
import { EmbeddedEureka } from './embedded-eureka.js'
import { EurekaLab } from './eureka-lab.model.js'
import type { EmbeddedEurekaOptions } from './eureka-options.js'
import type { EmbeddedInstance } from './held-instance.js'
import { instance, json, lines, list, raw, registration } from './eureka.model.js'

const lab = new EurekaLab()

afterEach(lab.close)

describe('what a test does to a server', () => {
  it('registers an instance that needs no heartbeats, or one that does', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ clock })
    eureka.register({ appName: 'users', port: 9001 })
    eureka.register({ appName: 'users', port: 9002, leaseExpirationMs: 2_000 })

    await clock.advance(86_400_000)

    expect(eureka.instances).toMatchObject([
      { instanceId: '127.0.0.1:users:9001', app: 'USERS', vipAddress: 'users', port: { $: 9001 } },
    ])
  })

  it('overrides a status and takes that back', async () => {
    const eureka = await lab.start()
    const id = eureka.register({ appName: 'users', instanceId: 'a' })

    eureka.setStatus(id, 'OUT_OF_SERVICE')
    expect(await instance(`${eureka.url}apps/users/a`)).toMatchObject({
      status: 'OUT_OF_SERVICE',
      overriddenStatus: 'OUT_OF_SERVICE',
    })
    eureka.removeOverride(id, 'UP')
    expect(await instance(`${eureka.url}apps/users/a`)).toMatchObject({
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
    })
  })

  it('evicts one instance, or all that are overdue', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ clock, evictionIntervalMs: 600_000 })
    const ids = ['a', 'b', 'c'].map((instanceId) =>
      eureka.register({
        appName: 'users',
        instanceId,
        leaseExpirationMs: instanceId === 'c' ? 60_000 : 1_000,
      }),
    )
    await clock.advance(2_000)

    expect(eureka.evict('c')).toEqual(['c'])
    expect(eureka.evict('c')).toEqual([])
    expect([...eureka.evict()].sort()).toEqual(ids.slice(0, 2))
  })

  it('cancels; the delta tells', async () => {
    const eureka = await lab.start()
    const id = eureka.register({ appName: 'users', instanceId: 'a' })

    expect([eureka.cancel(id), eureka.cancel(id)]).toEqual([true, false])
    expect(lines(await list(`${eureka.url}apps/delta`))).toEqual(['USERS/a UP DELETED'])
  })

  it('restarts it empty on the same port, with faults and records kept', async () => {
    const eureka = await lab.start()
    const { url } = eureka
    await json('POST', `${url}apps/users`, registration())

    eureka.restart()

    expect((await json('PUT', `${url}apps/users/h1:users:9001`)).status).toBe(404)
    expect(eureka.requests.map(({ route }) => route)).toEqual(['register', 'heartbeat'])
  })

  it('a restart ends the connections that are open', async () => {
    const eureka = await lab.start()
    eureka.fault('apps', { kind: 'hang' })
    const hung = raw('GET', `${eureka.url}apps/`)
    const ended = expect(hung).rejects.toMatchObject({ code: 'ECONNRESET' })
    while (eureka.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))

    eureka.restart()

    await ended
  })

  it('reads what was asked', async () => {
    const eureka = await lab.start()
    const body = registration()
    await json('POST', `${eureka.url}apps/users`, body)
    await raw('PUT', `${eureka.url}apps/users/a%20b?status=UP&status=DOWN`, {
      body: 'text',
      headers: { 'x-a': 'b' },
    })

    expect(eureka.requests).toMatchObject([
      { method: 'POST', path: '/eureka/v2/apps/users', route: 'register', app: 'USERS', body, status: 204 },
      {
        route: 'heartbeat',
        name: 'a b',
        query: { status: 'UP' },
        headers: { 'x-a': 'b' },
        body: 'text',
        status: 404,
      },
    ])
    eureka.clearRequests()
    expect(eureka.requests).toEqual([])
  })

  it.each<[string, (eureka: EmbeddedEureka) => unknown, string]>([
    ['setStatus', (eureka) => eureka.setStatus('nobody', 'UP'), 'instanceId'],
    ['removeOverride', (eureka) => eureka.removeOverride('nobody'), 'instanceId'],
    ['register', (eureka) => eureka.register({} as EmbeddedInstance), 'appName'],
    ['register', (eureka) => eureka.register({ appName: 'a', status: 'AWAY' as 'UP' }), 'status'],
    [
      'register',
      (eureka) => eureka.register({ appName: 'a', metadata: { a: 1 as unknown as string } }),
      'metadata',
    ],
    ['update', (eureka) => eureka.update({ evictionIntervalMs: 0 }), 'evictionIntervalMs'],
    ['update', (eureka) => eureka.update({ speed: 2 } as object), 'speed'],
  ])('%s refuses what cannot be', async (_method, act, path) => {
    const eureka = await lab.start()

    expect(() => act(eureka)).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ path })] }) as Error,
    )
  })

  it.each<[EmbeddedEurekaOptions, string]>([
    [{ port: 70_000 }, 'port'],
    [{ speed: 0 }, 'speed'],
    [{ flavour: 'other' as 'spring' }, 'flavour'],
    [{ peers: ['nowhere'] }, 'peers[0]'],
    [{ clock: {} as SimClock }, 'clock'],
    [{ renewalPercentThreshold: 2 }, 'renewalPercentThreshold'],
  ])('starting refuses %o', async (options, path) => {
    const issues = [expect.objectContaining({ path }) as object]

    await expect(EmbeddedEureka.start(options)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTIONS', issues })
  })

  it('starting on a port that is taken rejects', async () => {
    const { url } = await lab.start()

    await expect(EmbeddedEureka.start({ port: Number(new URL(url).port) })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  })
})

it('a server that has stopped leaves no socket and no timer behind, whatever was under way', async () => {
  const resources = (kind: string): number =>
    process.getActiveResourcesInfo().filter((name) => name.startsWith(kind)).length
  const [sockets, timers] = [resources('TCP'), resources('Timeout')]

  for (let round = 0; round < 20; round++) {
    const [first, second] = await EmbeddedEureka.startPair({ ...(round % 2 === 0 ? { speed: 100 } : {}) })
    first.register({ appName: 'users' })
    first.fault('apps', { kind: 'delay', delayMs: 60_000 })
    second.fault('apps', { kind: 'hang' })
    for (const { url } of [first, second])
      request(`${url}apps/`)
        .once('error', () => undefined)
        .end()
    while (first.requests.length === 0 || second.requests.length === 0)
      await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([first.stop(), second.stop(), second.stop()])
  }

  while (resources('TCP') > sockets) await new Promise((resolve) => setImmediate(resolve))
  // Node's own HTTP keeps a timer or two for the whole process; each round would leave one more.
  expect(resources('Timeout')).toBeLessThanOrEqual(timers + 2)
})
