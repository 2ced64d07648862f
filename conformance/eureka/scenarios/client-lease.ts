// What our client does to be registered, to stay so, and to leave.
import assert from 'node:assert/strict'
import type { EurekaClient } from '@breakwater/discovery-client'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'

const FAST = { leaseRenewalIntervalMs: 1_000, leaseExpirationMs: 30_000 }
const AT_ONCE_MS = 1_000
/** Servers and machines have other things to do: the soonest of so many counts. */
const AT_ONCE_ROUNDS = 20
const SHORT_LEASE = { leaseRenewalIntervalMs: 1_000, leaseExpirationMs: 6_000 }

export async function registersMinimalAndFull(lab: Lab): Promise<void> {
  const [minimal, full] = [lab.name('minimal'), lab.name('full')]
  const urls = { homePageUrl: 'http://h/', statusPageUrl: 'http://h/info', healthCheckUrl: 'http://h/health' }
  const texts = {
    ...urls,
    vipAddress: `${full}-v1,${full}-v2`,
    secureVipAddress: `${full}-s1`,
    appGroupName: 'GROUP',
  }
  const metadata = { a: '1', ключ: 'значение 🐞' }

  await lab
    .client({ fetchRegistry: false, instance: { appName: minimal, instanceId: `${minimal}-1` } })
    .start()
  await lab.registrant(full, { ...texts, metadata, securePort: 9_443, leaseRenewalIntervalMs: 7_000 }).start()

  const read = await lab.wire.instance(pathOf(full, `${full}-1`))
  for (const [key, value] of Object.entries({
    ...texts,
    metadata,
    app: full,
    status: 'UP',
    ipAddr: '127.0.0.1',
  }))
    assert.deepEqual(read[key], value, key)
  assert.deepEqual(read['port'], { $: 9001, '@enabled': 'true' })
  assert.deepEqual(read['securePort'], { $: 9443, '@enabled': 'true' })
  assert.deepEqual(read['dataCenterInfo'], lab.instance(full)['dataCenterInfo'])
  assert.partialDeepStrictEqual(read['leaseInfo'], { renewalIntervalInSecs: 7, durationInSecs: 21 })
  assert.equal((await lab.wire.instance(pathOf(minimal, `${minimal}-1`)))['app'], minimal)
  assert.deepEqual(
    { ...(await lab.client().api.instance({ app: full, instanceId: `${full}-1` }))?.metadata },
    metadata,
  )
}

export async function registersAtOnce(lab: Lab): Promise<void> {
  const later = lab.name('starting')
  let soonestMs = Infinity
  for (let round = 0; round < AT_ONCE_ROUNDS && soonestMs >= AT_ONCE_MS; round++) {
    const up = lab.name('at-once')
    const client = lab.registrant(up)
    const startedAt = performance.now()
    client.on('registered', ({ again }) => {
      if (!again) soonestMs = Math.min(soonestMs, performance.now() - startedAt)
    })
    await client.start()
    assert.equal((await lab.wire.instance(pathOf(up, `${up}-1`)))['status'], 'UP')
  }
  assert.ok(soonestMs < AT_ONCE_MS, `registered after ${String(soonestMs)} ms`)

  const starting = lab.registrant(later, { status: 'STARTING' })
  await starting.start()
  assert.equal((await lab.wire.instance(pathOf(later, `${later}-1`)))['status'], 'STARTING')
  await starting.setStatus('UP')
  await lab.eventually(async () => {
    assert.equal((await lab.wire.instance(pathOf(later, `${later}-1`)))['status'], 'UP')
  })
}

export async function keepsItsLease(lab: Lab): Promise<void> {
  const app = lab.name('lease')
  const own = pathOf(app, `${app}-1`)
  const line = await lab.proxy()
  const client = lab.registrant(app, SHORT_LEASE, {
    serviceUrls: [line.url],
    readTimeoutMs: 500,
    stopTimeoutMs: 100,
  })
  await client.start()

  for (let passedMs = 0; passedMs < 3 * SHORT_LEASE.leaseExpirationMs; passedMs += 500) {
    await lab.pause(500)
    assert.equal(await lab.wire.status('GET', own), 200)
  }

  // For the server, this is how a crash looks.
  line.blackhole()
  await lab.pause(SHORT_LEASE.leaseExpirationMs * 2)
  await lab.eventually(async () => {
    assert.equal(await lab.wire.status('GET', own), 404)
    assert.equal(await lab.wire.status('GET', `apps/${app}`), 404)
  })
  assert.ok(line.stats.applied.blackhole > 0)
}

export async function cancelsOnce(lab: Lab): Promise<void> {
  const app = lab.name('cancel')
  const own = pathOf(app, `${app}-1`)
  const gateway = await lab.gateway()
  const client = lab.registrant(app, {}, { serviceUrls: [gateway.url] })
  await client.start()
  assert.equal(await lab.wire.status('GET', own), 200)

  await client.stop()
  await client.stop()

  assert.equal(gateway.count(/^DELETE/), 1)
  assert.equal(await lab.wire.status('GET', own), 404)
  await lab.eventually(async () => {
    assert.equal(await lab.wire.status('GET', `apps/${app}`), 404)
  })
}

export async function survivesARestart(lab: Lab): Promise<void> {
  const app = lab.name('restart')
  const client = lab.registrant(app, FAST, { readTimeoutMs: 2_000 })
  await client.start()
  const { server } = lab.control
  const back = await comesBack(lab, client, app)

  await server.kill()
  await lab.eventually(() => {
    assert.ok(client.heartbeatAgeMs > FAST.leaseRenewalIntervalMs * 1.1, 'no server was heard')
  })
  await server.startAgain()

  await back()
}

export async function comesBackAfterADeletion(lab: Lab): Promise<void> {
  const app = lab.name('lost')
  const client = lab.registrant(app, FAST)
  await client.start()
  const back = await comesBack(lab, client, app)

  assert.equal(await lab.wire.status('DELETE', pathOf(app, `${app}-1`)), 200)

  await back()
}

export async function comesBackAfterAny404(lab: Lab): Promise<void> {
  const app = lab.name('bodies')
  const line = await lab.proxy()
  const client = lab.registrant(app, FAST, { serviceUrls: [line.url] })
  await client.start()
  const own = `${new URL(line.url).pathname}${pathOf(app, `${app}-1`)}`

  for (const [type, body] of [
    ['text/html', '<html><h1>Not Found</h1></html>'],
    ['application/json', '{"status":404,"error":"Not Found"}'],
    ['application/json', ''],
  ] as const) {
    const back = await comesBack(lab, client, app)
    line.answer({ status: 404, path: own, count: 1, body, headers: { 'content-type': type } })
    await back()
  }
  assert.equal(line.stats.applied.answer, 3)
}

/** Notes how things stand; what it gives resolves when the client has heard a 404 since and has registered anew. */
async function comesBack(lab: Lab, client: EurekaClient, app: string): Promise<() => Promise<void>> {
  const own = pathOf(app, `${app}-1`)
  const before = Number((await lab.wire.instance(own))['lastDirtyTimestamp'])
  const heard: (number | undefined)[] = []
  let again = 0
  client.on('heartbeat', ({ ok, status }) => {
    if (!ok) heard.push(status)
  })
  client.on('registered', () => again++)
  return async () => {
    await lab.eventually(() => {
      assert.equal(heard.at(-1), 404)
      assert.equal(again, 1)
    })
    const { status, lastDirtyTimestamp } = await lab.wire.instance(own)
    assert.equal(status, 'UP')
    assert.ok(Number(lastDirtyTimestamp) > before, 'a new stamp')
  }
}
