// Registration, heartbeats, leases, and the end of an instance.
import assert from 'node:assert/strict'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'

/** So long that a machine that stands still for some seconds does not lose it. */
const LEASE = { renewalIntervalInSecs: 1, durationInSecs: 5 }
const LEASE_MS = LEASE.durationInSecs * 1_000
const HEARTBEAT_MS = 1_000

export async function registersMinimalAndFull(lab: Lab): Promise<void> {
  const [minimal, full] = [lab.name('minimal'), lab.name('full')]
  const urls = { homePageUrl: 'http://h/', statusPageUrl: 'http://h/info', healthCheckUrl: 'http://h/health' }
  const fields = {
    ...urls,
    vipAddress: 'v1,v2',
    secureVipAddress: 's1',
    metadata: { a: '1', ключ: 'значение' },
  }

  assert.equal(await lab.register(minimal), 204)
  assert.equal(await lab.register(full, fields), 204)

  const read = await lab.wire.instance(pathOf(full, `${full}-1`))
  for (const [key, value] of Object.entries({ ...fields, app: full, status: 'UP' }))
    assert.deepEqual(read[key], value, key)
  assert.deepEqual(read['port'], { $: 9001, '@enabled': 'true' })
  assert.deepEqual(read['securePort'], { $: 9443, '@enabled': 'false' })
  assert.deepEqual(read['dataCenterInfo'], lab.instance(full)['dataCenterInfo'])
  assert.equal((await lab.wire.instance(pathOf(minimal, `${minimal}-1`)))['app'], minimal)
}

export async function keepsALeaseByHeartbeats(lab: Lab): Promise<void> {
  const app = lab.name('lease')
  const own = pathOf(app, `${app}-1`)
  await lab.register(app, { leaseInfo: LEASE })

  for (let passedMs = 0; passedMs < 3 * LEASE_MS; passedMs += HEARTBEAT_MS) {
    await lab.pause(HEARTBEAT_MS)
    assert.equal(await lab.wire.status('PUT', own), 200)
  }
  await lab.pause(1.2 * LEASE_MS)
  assert.equal(await lab.wire.status('GET', own), 200, 'a renewed lease lives for two durations')

  await lab.pause(LEASE_MS)
  await lab.eventually(async () => {
    assert.equal(await lab.wire.status('GET', own), 404)
    assert.equal(await lab.wire.status('GET', `apps/${app}`), 404)
  })
}

export async function cancels(lab: Lab): Promise<void> {
  const app = lab.name('cancel')
  const own = pathOf(app, `${app}-1`)
  await lab.register(app)

  assert.equal(await lab.wire.status('DELETE', own), 200)
  assert.equal(await lab.wire.status('GET', own), 404)
  assert.equal(await lab.wire.status('DELETE', own), 404)
  await lab.eventually(async () => {
    assert.equal(await lab.wire.status('GET', `apps/${app}`), 404)
  })
}

export async function answersALostInstanceWith404(lab: Lab): Promise<void> {
  const app = lab.name('lost')
  const own = pathOf(app, `${app}-1`)
  await lab.register(app)
  await lab.wire.ask('DELETE', own)

  const { status, text, headers } = await lab.wire.ask('PUT', own)
  assert.equal(status, 404)
  if (lab.flavour === 'spring') assert.match(headers['content-type'] ?? '', /json/)
  else assert.equal(text, '')
  assert.equal(await lab.register(app), 204)
  assert.equal(await lab.wire.status('PUT', own), 200)
}

export async function takesNewMetadata(lab: Lab): Promise<void> {
  const app = lab.name('metadata')
  const own = pathOf(app, `${app}-1`)
  await lab.register(app, { lastDirtyTimestamp: '1000', metadata: { v: '1' } })

  assert.equal(await lab.register(app, { lastDirtyTimestamp: '1001', metadata: { v: '2' } }), 204)

  assert.deepEqual((await lab.wire.instance(own))['metadata'], { v: '2' })
  assert.equal(await lab.wire.status('PUT', `${own}?status=UP&lastDirtyTimestamp=1001`), 200)
  assert.equal(await lab.wire.status('PUT', `${own}?status=UP&lastDirtyTimestamp=1002`), 404)
}

export async function throwsOlderDataAway(lab: Lab): Promise<void> {
  const app = lab.name('stamps')
  const own = pathOf(app, `${app}-1`)
  await lab.register(app, { lastDirtyTimestamp: '5000', metadata: { v: 'new' } })

  assert.equal(await lab.register(app, { lastDirtyTimestamp: '4000', metadata: { v: 'old' } }), 204)
  assert.deepEqual((await lab.wire.instance(own))['metadata'], { v: 'new' })
  await lab.register(app, { lastDirtyTimestamp: '5001', metadata: { v: 'newer' } })
  assert.deepEqual((await lab.wire.instance(own))['metadata'], { v: 'newer' })
}

export async function replicates(lab: Lab): Promise<void> {
  const { peer } = lab
  assert.ok(peer !== undefined, 'a peer')
  const app = lab.name('peer')
  const own = pathOf(app, `${app}-1`)

  await lab.register(app, { leaseInfo: { renewalIntervalInSecs: 10, durationInSecs: 30 } })
  await lab.eventually(async () => {
    assert.equal(await peer.status('GET', own), 200)
  })
  await peer.ask('DELETE', own)
  await lab.eventually(async () => {
    assert.equal(await lab.wire.status('GET', own), 404)
  })
}
