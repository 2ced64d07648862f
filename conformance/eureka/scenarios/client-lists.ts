// How our client keeps its registry like the server's.
import assert from 'node:assert/strict'
import type { EurekaClient, InstanceInfo } from '@breakwater/discovery-client'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'
import type { OwnServer } from '../servers.ts'
import { Wire } from '../wire.ts'
import { changeFour } from './changes.ts'

const COLD_START_MS = 15_000
/** A restarted server has to count its cold start from when it listens. */
const WARM_MS = 3 * COLD_START_MS

/** Restarts it; a machine with much else to do may use up the cold start before the server is heard. */
async function startsCold(server: OwnServer, wire: Wire): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++) {
    await server.kill()
    await server.startAgain()
    if ((await wire.status('GET', 'apps/')) === 403) return true
  }
  return false
}

/** How the client's fetches came out, from now on. */
function kindsOf(client: EurekaClient): string[] {
  const kinds: string[] = []
  client.on('registry', ({ kind }) => kinds.push(kind))
  return kinds
}

export function statusesOf(instances: readonly InstanceInfo[]): string[] {
  return instances.map(({ app, instanceId, status }) => `${app}/${instanceId} ${status}`).sort()
}

function allOf(client: EurekaClient): InstanceInfo[] {
  return [...(client.registryOf()?.apps.values() ?? [])].flatMap(({ all }) => all)
}

/** Has what a full fetch says now, and the fingerprint of the server. */
async function agreesWithServer(client: EurekaClient, wire: Wire): Promise<void> {
  const full = await client.api.all()
  const { apps__hashcode: hash } = await wire.list('apps/')
  assert.deepEqual(statusesOf(allOf(client)), statusesOf(full))
  assert.equal(client.registryOf()?.hash, hash)
}

export async function followsByDeltas(lab: Lab): Promise<void> {
  const app = lab.name('follow')
  const id = (number: number): string => `${app}-${String(number)}`
  for (const number of [1, 2, 3]) await lab.register(app, { instanceId: id(number) })
  const client = lab.client()
  const kinds = kindsOf(client)
  await client.start()
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(client.app(app).length, 3)
  })

  await changeFour(lab, app, id)

  await lab.eventually(async () => {
    await client.refresh()
    assert.deepEqual(
      [1, 2, 3, 4].map((number) => client.instance(id(number))?.status),
      ['OUT_OF_SERVICE', undefined, 'UP', 'UP'],
    )
    assert.equal(client.instance(id(3))?.metadata['again'], 'yes')
    await agreesWithServer(client, lab.wire)
  })
  assert.equal(kinds[0], 'full')
  assert.equal(kinds.at(-1), 'delta')
}

export async function fetchesInFullOnce(lab: Lab): Promise<void> {
  const app = lab.name('forgotten')
  const gateway = await lab.gateway()
  for (const number of [1, 2, 3]) await lab.register(app, { instanceId: `${app}-${String(number)}` })
  const client = lab.client({ serviceUrls: [gateway.url] })
  await client.start()
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(client.app(app).length, 3)
  })

  await lab.wire.ask('DELETE', pathOf(app, `${app}-2`))
  await lab.eventually(async () => {
    const { application } = await lab.wire.list('apps/delta')
    assert.ok(!application.some(({ name }) => name === app), 'the server has forgotten the change')
  })
  gateway.asked.length = 0
  await client.refresh()

  assert.deepEqual(
    gateway.asked.map(({ path }) => path),
    ['apps/delta', 'apps/'],
  )
  await agreesWithServer(client, lab.wire)
  assert.equal(client.app(app).length, 2)
}

export async function livesWithoutDeltas(lab: Lab): Promise<void> {
  const [app, other] = [lab.name('no-delta'), lab.name('other')]
  const server = await lab.server({ disableDelta: true, coldStartMs: COLD_START_MS })
  const wire = new Wire(server.url)
  await lab.register(other, {}, wire)
  const client = lab.client({
    serviceUrls: [server.url],
    instance: { appName: app, leaseRenewalIntervalMs: 500, leaseExpirationMs: 30_000 },
  })
  const kinds = kindsOf(client)
  await client.start()
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(client.app(app).length + client.app(other).length, 2)
  }, WARM_MS)
  kinds.length = 0
  await lab.register(other, { instanceId: `${other}-2` }, wire)
  await client.refresh()
  assert.equal(client.app(other).length, 2)
  await client.refresh()
  assert.deepEqual(kinds, ['full', 'full'])

  assert.ok(await startsCold(server, wire), 'the server is in its cold start')
  await client.refresh()
  assert.equal(client.app(other).length, 2, 'the old registry is kept')
  assert.ok(client.registryAgeMs > 0)
  await lab.register(other, {}, wire)
  await lab.register(other, { instanceId: `${other}-2` }, wire)
  await lab.eventually(() => {
    assert.ok(client.heartbeatAgeMs < 1_000, 'heartbeats go on')
  })

  await lab.eventually(async () => {
    await client.refresh()
    assert.ok(client.registryAgeMs < 1_000)
    assert.deepEqual([client.app(app).length, client.app(other).length], [1, 2])
  }, WARM_MS)
  wire.close()
}
