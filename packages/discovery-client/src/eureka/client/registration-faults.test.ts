import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../../../../servers/free-ports.ts'
import { eventually, hostileServer } from '../../transport/hostile-server.model.js'
import type { Answer } from '../../transport/hostile-server.model.js'
import { answers, arrived, pass, startEureka, testClient, USERS } from './client.model.js'

const PERIOD_MS = 33_001
const registering = { instance: USERS, fetchRegistry: false } as const

describe('a heartbeat that is answered with 404', () => {
  test.each([
    ['HTML', { kind: 'answer', status: 404, body: '<html>', headers: { 'content-type': 'text/html' } }],
    [
      'an error in JSON',
      {
        kind: 'answer',
        status: 404,
        body: '{"status":404}',
        headers: { 'content-type': 'application/json' },
      },
    ],
    ['nothing', { kind: 'answer', status: 404 }],
  ] as const)('and %s is followed by a registration, before the next heartbeat', async (_what, fault) => {
    const eureka = await startEureka()
    const clock = new SimClock()
    const { client, next } = testClient({ serviceUrls: [eureka.url], ...registering, clock })
    await client.start()
    const active = eureka.fault('heartbeat', { ...fault, count: 1 })
    eureka.clearRequests()

    const again = next('registered')
    await clock.advance(PERIOD_MS)
    await again
    await pass(clock, PERIOD_MS)
    await arrived(() => eureka.requests.length >= 3)

    expect(active.hits).toBe(1)
    expect(eureka.requests.map(({ route }) => route)).toEqual(['heartbeat', 'register', 'heartbeat'])
  })

  test('every time leads to one registration a period, no more', async () => {
    const eureka = await startEureka()
    const clock = new SimClock()
    const { client, next } = testClient({ serviceUrls: [eureka.url], ...registering, clock })
    await client.start()
    eureka.fault('heartbeat', { kind: 'answer', status: 404 })
    eureka.clearRequests()

    for (let period = 0; period < 5; period++) {
      const again = next('registered')
      await clock.advance(PERIOD_MS)
      await again
    }

    expect(eureka.requests.filter(({ route }) => route === 'register').length).toBeLessThanOrEqual(6)
  })
})

test('E8: heartbeats never overlap, and a server that hangs is left for another', async () => {
  let beating = 0
  let peak = 0
  const slow: Answer = (request, response) => {
    if (request.method !== 'PUT') return response.writeHead(204).end()
    peak = Math.max(peak, ++beating)
    return response.on('close', () => beating--)
  }
  const hanging = await hostileServer(slow)
  const working = await hostileServer((request, response) =>
    response.writeHead(request.method === 'POST' ? 204 : 200).end(),
  )
  const clock = new SimClock()
  const { client, told } = testClient({
    serviceUrls: { a: [hanging.url], b: [working.url] },
    zone: 'a',
    ...registering,
    clock,
  })
  await client.start()

  await pass(clock, 2 * PERIOD_MS)
  await arrived(() => told.some((each) => each.event === 'heartbeat' && each.ok))

  expect(peak).toBe(1)
  expect(working.requests.length).toBeGreaterThan(0)
})

test('E9: a status that changes while a registration is in the air is sent after it', async () => {
  const bodies: string[] = []
  const release: (() => void)[] = []
  const server = await hostileServer((_request, response) => {
    bodies.push(server.bodies.at(-1)!)
    release.push(() => response.writeHead(204).end())
  })
  const { client } = testClient({ serviceUrls: [server.url], ...registering })
  const starting = client.start()
  await eventually(() => release.length === 1)

  await client.setStatus('DOWN')
  await client.setStatus('STARTING')
  expect(release).toHaveLength(1)
  release[0]!()
  await starting
  await eventually(() => release.length === 2)
  release[1]!()

  const sent = bodies.map(
    (body) => (JSON.parse(body) as { instance: { status: string; lastDirtyTimestamp: string } }).instance,
  )
  expect(sent.map(({ status }) => status)).toEqual(['UP', 'STARTING'])
  expect(Number(sent[1]!.lastDirtyTimestamp)).toBeGreaterThan(Number(sent[0]!.lastDirtyTimestamp))
})

test('the stamp never goes back, also when the wall clock does', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const { client, next } = testClient({ serviceUrls: [eureka.url], ...registering, clock })
  await client.start()

  clock.shiftEpoch(-3_600_000)
  const again = next('registered')
  client.updateMetadata({ version: '2' })
  await again

  expect(eureka.instances[0]).toMatchObject({ metadata: { version: '2' } })
})

test('changes come in twos at once, then with the growth of tokens, and none is lost', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const { client, next } = testClient({ serviceUrls: [eureka.url], ...registering, clock })
  await client.start()
  eureka.clearRequests()

  for (let version = 1; version <= 10; version++) {
    const isSentAtOnce = version <= 2
    const sent = isSentAtOnce ? next('registered') : undefined
    client.updateMetadata({ version: String(version) })
    await sent
  }
  await answers(eureka.url)
  expect(eureka.requests.filter(({ route }) => route === 'register')).toHaveLength(2)
  const last = next('registered')
  await clock.advance(15_000)
  await last

  expect(eureka.requests.filter(({ route }) => route === 'register')).toHaveLength(3)
  expect(eureka.instances[0]).toMatchObject({ metadata: { version: '10' } })
})

test('changes wait for the next replication where they are not to be sent at once', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const { client, next } = testClient({
    serviceUrls: [eureka.url],
    ...registering,
    onDemandUpdateStatusChange: false,
    clock,
  })
  await client.start()
  eureka.clearRequests()

  client.updateMetadata({ version: '2' })
  await answers(eureka.url)
  expect(eureka.requests.map(({ route }) => route)).toEqual(['apps'])

  const again = next('registered')
  await pass(clock, PERIOD_MS)
  await again
  expect(eureka.instances[0]).toMatchObject({ metadata: { version: '2' } })
})

test('an override that no server took is sent with the next sign of life', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const { client, told } = testClient({ serviceUrls: [eureka.url], ...registering, clock })
  await client.start()
  const fault = eureka.fault('any', { kind: 'answer', status: 503 })

  await client.setStatus('OUT_OF_SERVICE')
  expect(told.at(-1)).toMatchObject({ event: 'error', operation: 'set-status' })
  expect(eureka.instances[0]).toMatchObject({ status: 'UP' })

  fault.heal()
  await clock.advance(PERIOD_MS)
  await arrived(() => eureka.instances[0]?.['status'] === 'OUT_OF_SERVICE')
})

test('bad data is not sent again and again', async () => {
  const server = await hostileServer((_request, response) => response.writeHead(400).end('Missing hostname'))
  const clock = new SimClock()
  const { client, told } = testClient({ serviceUrls: [server.url], ...registering, clock })
  await client.start()

  await clock.advance(5 * PERIOD_MS)

  expect(server.requests).toHaveLength(1)
  expect(told).toMatchObject([{ event: 'error', operation: 'register', error: { answered: 400 } }])
})

describe('E11: stop()', () => {
  test.each<[string, Answer]>([
    ['hangs', () => undefined],
    ['resets the connection', (_request, response) => response.socket!.resetAndDestroy()],
    ['answers 500', (_request, response) => response.writeHead(500).end()],
  ])('ends in time when the server of the cancellation %s, and is silent then', async (_how, answer) => {
    const server = await hostileServer((request, response) => {
      if (request.method === 'DELETE') answer(request, response)
      else response.writeHead(204).end()
    })
    const clock = new SimClock()
    const { client } = testClient({ serviceUrls: [server.url], ...registering, clock })
    await client.start()

    const stopping = client.stop()
    await eventually(() => server.requests.some((line) => line.startsWith('DELETE')))
    await clock.advance(3_000)
    await stopping

    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
    await eventually(() => server.connections() === 0)
    const asked = server.requests.length
    await clock.advance(10 * PERIOD_MS)
    expect(server.requests).toHaveLength(asked)
  })

  test('takes the registration back from another server when the one in use hangs', async () => {
    const clock = new SimClock()
    const hanging = new Set<unknown>()
    const answer: Answer = (request, response) => {
      if (!hanging.has(request.headers.host)) response.writeHead(204).end()
    }
    const servers = await Promise.all([1, 2, 3].map(() => hostileServer(answer)))
    const { client, told } = testClient({ serviceUrls: servers.map(({ url }) => url), ...registering, clock })
    await client.start()
    const inUse = servers.find(({ requests }) => requests.length > 0)!
    hanging.add(new URL(inUse.url).host)

    const stopping = client.stop()
    await eventually(() => inUse.requests.length === 2)
    await clock.advance(1_000)
    await stopping

    expect(told.map(({ event }) => event)).toEqual(['registered', 'deregistered'])
  })

  test('waits for the registration in the air, so that nothing stays behind', async () => {
    let release = (): unknown => undefined
    const server = await hostileServer((request, response) => {
      if (request.method === 'POST') release = () => response.writeHead(204).end()
      else response.writeHead(200).end()
    })
    const { client } = testClient({ serviceUrls: [server.url], ...registering })
    const refused = expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
    await eventually(() => server.requests.length === 1)

    const stopping = client.stop()
    release()
    await stopping

    await refused
    expect(server.requests.map((line) => line.split(' ')[0])).toEqual(['POST', 'DELETE'])
  })

  test('leaves the lease to run out where it is not to be cancelled', async () => {
    const eureka = await startEureka()
    const { client } = testClient({ serviceUrls: [eureka.url], ...registering, unregisterOnShutdown: false })
    await client.start()

    await client.stop()

    expect(eureka.instances).toHaveLength(1)
  })

  test('before the start leaves nothing to start', async () => {
    const { client } = testClient({
      serviceUrls: [`http://127.0.0.1:${String(await freePort())}/`],
      instance: USERS,
    })

    await client.stop()

    await expect(client.start()).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  })
})
