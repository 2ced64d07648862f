// What our client finds, in whatever form the server says it, under whatever names.
import assert from 'node:assert/strict'
import type { EurekaClient } from '@breakwater/discovery-client'
import { isBreakwaterError } from '@breakwater/kernel'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'

const LONG_LEASE_MS = 60_000
const ODD = ['a b', 'a:1', '100%', 'a;b', 'a?b', 'a+b', 'жук']

/** Fetches until `check` holds. */
async function sees(lab: Lab, client: EurekaClient, check: () => void): Promise<void> {
  await lab.eventually(async () => {
    await client.refresh()
    check()
  })
}

export async function looksUp(lab: Lab): Promise<void> {
  const [app, other] = [lab.name('lookup'), lab.name('elsewhere')]
  const vip = app.toLowerCase()
  const id = (number: number): string => `${app}-${String(number)}`
  const fields = { vipAddress: `${vip},${vip}-alt`, secureVipAddress: `${vip}-secure` }
  for (const number of [1, 2, 3]) await lab.register(app, { ...fields, instanceId: id(number) })
  await lab.register(app, { ...fields, instanceId: id(4), status: 'DOWN' })
  await lab.register(other, { vipAddress: `${vip}-alt` })
  const [client, unfiltered] = [lab.client(), lab.client({ filterOnlyUpInstances: false })]
  await Promise.all([client.start(), unfiltered.start()])

  await sees(lab, client, () => {
    assert.equal(client.app(vip).length + client.app(other).length, 4, 'applications ignore case')
  })
  assert.equal(client.vip(app).length, 3, 'and so do VIPs, here')
  assert.equal(client.vip(`${vip}-alt`).length, 4, 'one of two, in two applications')
  assert.equal(client.vip(`${vip}-secure`, { secure: true }).length, 3)
  assert.equal(client.vip(`${vip}-secure`).length, 0)
  assert.deepEqual(
    client.vipOfApp(`${vip}-alt`, other).map(({ instanceId }) => instanceId),
    [`${other}-1`],
  )
  assert.equal(client.instance(id(4))?.status, 'DOWN')
  await sees(lab, unfiltered, () => {
    assert.equal(unfiltered.app(app).length, 4)
  })

  const turns = Array.from({ length: 6 }, () => client.nextServer(vip).instanceId)
  assert.deepEqual(turns.slice(0, 3).sort(), [1, 2, 3].map(id))
  assert.deepEqual(turns.slice(3).sort(), [1, 2, 3].map(id))
  assert.throws(() => client.nextServer('nobody-has-this'), { name: 'NoInstancesError' })
}

export async function readsEveryForm(lab: Lab): Promise<void> {
  const app = lab.name('forms')
  await lab.register(app)
  const [full, compact] = [lab.client(), lab.client({ clientDataAccept: 'compact' })]
  await Promise.all([full.start(), compact.start()])

  for (const client of [full, compact]) {
    await sees(lab, client, () => {
      assert.equal(client.app(app).length, 1)
    })
    const [seen] = client.app(app)
    assert.deepEqual(seen?.port, { number: 9_001, enabled: true })
    assert.equal(typeof seen.lastUpdatedTimestamp, 'number')
  }
  assert.deepEqual({ ...full.app(app)[0]?.metadata }, { from: 'conformance' })
  assert.deepEqual({ ...compact.app(app)[0]?.metadata }, {})
}

export async function registersOddIds(lab: Lab): Promise<void> {
  const app = lab.name('odd')
  const metadata = { name: 'жук 🐞' }
  const reader = lab.client()
  await reader.start()
  for (const odd of ODD) {
    const instanceId = `${app}-${odd}`
    // Renewed soon, and kept by the server however long we wait for a core.
    const lease = { leaseRenewalIntervalMs: 100, leaseExpirationMs: LONG_LEASE_MS }
    const client = lab.registrant(app, { instanceId, metadata, ...lease })
    const beats: unknown[] = []
    client.on('heartbeat', ({ status }) => beats.push(status))
    await client.start()

    assert.deepEqual({ ...(await reader.api.instance({ app, instanceId }))?.metadata }, metadata, odd)
    await sees(lab, reader, () => {
      assert.equal(reader.instance(instanceId)?.app, app, odd)
    })
    await lab.eventually(() => {
      assert.equal(beats[0], 200, odd)
    })
    await client.stop()
    assert.equal(await lab.wire.status('GET', pathOf(app, instanceId)), 404, odd)
  }
  for (const refused of ['a/b', 'a\\b'])
    assert.throws(() => lab.registrant(app, { instanceId: refused }), isBreakwaterError)
}
