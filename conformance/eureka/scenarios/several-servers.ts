// Which of several servers our client asks.
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { urlOf } from '../../../servers/eureka/real-eureka.ts'
import { freePort } from '../../../servers/free-ports.ts'
import type { Gateway } from '../gateway.ts'
import type { Lab } from '../lab.ts'
import { startPair } from '../servers.ts'
import { Wire } from '../wire.ts'

const CALLS = 200
/** In 200 calls are some 20 sessions: one in 300 times, chance leaves a server out in all of them. */
const MOST_CALLS = 1_000
const SESSION_MS = 100
/** Longer than a busy machine stands still: who is slow is not to be taken for one that hangs. */
const ATTEMPT_MS = 6_000
const ATTEMPTS = 3
const MAX_HOPS = 10
const LEASE = { leaseRenewalIntervalMs: 2_000, leaseExpirationMs: 20_000 }

/** A server that went away has replicated nothing for a while; its peer tells it with the next heartbeats. */
const REPLICATED_MS = 30_000

export async function goesOverToThePeer(lab: Lab): Promise<void> {
  const app = lab.name('over')
  const [a, b] = await startPair(lab.flavour, lab.control.start)
  lab.keep(a)
  lab.keep(b)
  const wires = [new Wire(a.url), new Wire(b.url)]
  const ids = (wire: Wire): Promise<unknown[]> =>
    wire
      .list('apps/')
      .then(({ application }) =>
        application.flatMap(({ instance }) => instance.map(({ instanceId }) => instanceId)),
      )
  const client = lab.client({
    serviceUrls: { a: [a.url], b: [b.url] },
    zone: 'a',
    instance: { appName: app, instanceId: `${app}-1`, ...LEASE },
  })
  await client.start()
  for (const wire of wires)
    await lab.eventually(async () => {
      assert.deepEqual(await ids(wire), [`${app}-1`])
    }, REPLICATED_MS)

  await a.kill()
  await client.refresh()
  assert.ok(client.registryAgeMs < 500, 'the other one has answered the same call')
  const diedAt = performance.now()
  await lab.eventually(() => {
    assert.ok(client.heartbeatAgeMs < performance.now() - diedAt, 'and takes the heartbeats')
  })
  assert.equal(client.app(app).length, 1)

  await a.startAgain()
  await lab.eventually(async () => {
    for (const wire of wires) assert.deepEqual(await ids(wire), [`${app}-1`])
    await client.refresh()
    assert.equal(client.app(app).length, 1)
  }, REPLICATED_MS)

  await client.stop()
  for (const wire of wires) {
    await lab.eventually(async () => {
      assert.deepEqual(await ids(wire), [])
    }, REPLICATED_MS)
    wire.close()
  }
}

export async function findsTheOneThatWorks(lab: Lab): Promise<void> {
  const app = lab.name('one-of-four')
  await lab.register(app)
  const hangs = await lab.gateway({ judge: () => 'hang' })
  const overloaded = await lab.gateway({ judge: () => ({ status: 503 }) })
  const works = await lab.gateway()
  const refuses = urlOf(lab.flavour, await freePort())
  const client = lab.client({
    serviceUrls: { a: [hangs.url], b: [overloaded.url, refuses, works.url] },
    zone: 'a',
    connectTimeoutMs: ATTEMPT_MS / 2,
    readTimeoutMs: ATTEMPT_MS / 2,
  })
  const startedAt = performance.now()

  await client.start()
  const attempts = hangs.asked.length + overloaded.asked.length + works.asked.length
  assert.ok(attempts <= ATTEMPTS, `${String(attempts)} attempts in one call`)
  assert.equal(hangs.asked.length, 1)
  if (client.registryAgeMs === Infinity) await client.refresh()

  assert.ok(client.registryAgeMs < Infinity, 'success within two calls')
  assert.ok(performance.now() - startedAt < 2 * ATTEMPTS * ATTEMPT_MS, 'no attempt takes longer than allowed')
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(client.app(app).length, 1)
  })
  const [before, wasHung] = [works.asked.length, hangs.asked.length]
  await client.refresh()
  assert.ok(works.asked.length > before, 'it stays with the one that works')
  assert.equal(hangs.asked.length, wasHung)
}

export async function spreadsBySessions(lab: Lab): Promise<void> {
  await lab.register(lab.name('spread'))
  const gateways = [await lab.gateway(), await lab.gateway(), await lab.gateway()]
  const client = lab.client({
    serviceUrls: gateways.map(({ url }) => url),
    sessionedClientReconnectIntervalMs: SESSION_MS,
    // Sessions are longer than the life of an order of the servers, as by default.
    eurekaServiceUrlPollIntervalMs: SESSION_MS,
    disableDelta: true,
  })
  const failures: string[] = []
  client.on('error', ({ error }) => failures.push(error.message))
  await client.start()

  const requests = (): number[] => gateways.map(({ asked }: Gateway) => asked.length)
  let calls = 1
  for (; calls < CALLS || (calls < MOST_CALLS && requests().includes(0)); calls++) {
    await client.refresh()
    await lab.pause(10)
  }

  const asked = requests()
  assert.deepEqual(failures, [])
  assert.equal(
    asked.reduce((sum, count) => sum + count, 0),
    calls,
  )
  assert.ok(
    asked.every((count) => count > 0),
    `requests: ${asked.join(', ')}`,
  )
}

export async function followsRedirects(lab: Lab): Promise<void> {
  const app = lab.name('redirects')
  await lab.register(app)
  const to = (gateway: Gateway, path: string): { status: number; headers: Record<string, string> } => ({
    status: 302,
    headers: { location: `${gateway.url}${path}` },
  })
  const b = await lab.gateway()
  const a = await lab.gateway({ judge: ({ path }) => to(b, path) })
  const options = { serviceUrls: { a: [a.url], b: [b.url] }, zone: 'a' }
  const client = lab.client(options)
  await client.start()
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(client.app(app).length, 1)
  })
  assert.equal(a.asked.length, 1, 'asked once, and the other directly from then on')

  b.judge = ({ path }) => to(a, path)
  const lost = lab.client(options)
  const failures: Error[] = []
  lost.on('error', ({ error }) => failures.push(error))
  const before = a.asked.length + b.asked.length
  await lost.start()
  assert.equal(failures.length, 1)
  const hops = a.asked.length + b.asked.length - before
  assert.ok(hops > 1 && hops <= 2 * (MAX_HOPS + 1), `${String(hops)} requests in a circle of two servers`)
}

export async function ordersByZoneAndFindsByDns(lab: Lab): Promise<void> {
  const app = lab.name('zones')
  await lab.register(app)
  const [a, b] = [await lab.gateway(), await lab.gateway()]
  const client = lab.client({ serviceUrls: { a: [a.url], b: [b.url] }, zone: 'b' })
  await client.start()
  assert.deepEqual([a.asked.length, b.asked.length], [0, 1], 'my zone first')
  await b.stop()
  await client.refresh()
  assert.ok(a.asked.length > 0, 'then the others')

  const { port, pathname } = new URL(lab.url)
  const eurekaServer = { domainName: 'example.test', port: Number(port), context: pathname }
  for (const hosts of [
    [['localhost', '127.0.0.1']],
    [['localhost 127.0.0.1']],
    [['localhost'], ['127.0.0.1']],
  ]) {
    const records: Readonly<Record<string, readonly (readonly string[])[]>> = {
      'txt.us-east-1.example.test': [['us-east-1c.example.test']],
      'txt.us-east-1c.example.test': hosts,
    }
    const byDns = lab.client({
      serviceUrls: [],
      useDns: true,
      eurekaServer,
      resolveTxt: (name) => wait(0, records[name] ?? []),
    })
    await byDns.start()
    await lab.eventually(async () => {
      await byDns.refresh()
      assert.equal(byDns.app(app).length, 1, JSON.stringify(hosts))
    })
  }
}
