// Servers that are not there, and servers that have lost their memory.
import assert from 'node:assert/strict'
import type { Gateway } from '../gateway.ts'
import type { Lab } from '../lab.ts'

const INSTANCES = 20
const SOON_MS = 300

export async function startsWithoutServers(lab: Lab): Promise<void> {
  const [app, own] = [lab.name('outage'), lab.name('patient')]
  await lab.register(app)
  const line = await lab.proxy()
  line.reset()
  const lost = { serviceUrls: [line.url] }

  const patient = lab.registrant(
    own,
    { leaseRenewalIntervalMs: SOON_MS, leaseExpirationMs: 30_000 },
    { ...lost, fetchRegistry: true, registryFetchIntervalMs: SOON_MS },
  )
  await patient.start()
  assert.deepEqual([patient.isReady, patient.instances(app)], [false, []])
  const down = { code: 'ERR_REGISTRY_NO_SERVER' }
  await assert.rejects(lab.client({ ...lost, enforceFetchRegistryAtInit: true }).start(), down)
  await assert.rejects(lab.registrant(own, {}, { ...lost, enforceRegistrationAtInit: true }).start(), down)
  const backup = { applications: { application: [{ name: app, instance: [lab.instance(app)] }] } }
  const prudent = lab.client({ ...lost, enforceFetchRegistryAtInit: true, backupRegistry: () => backup })
  await prudent.start()
  assert.equal(prudent.app(app).length, 1)
  assert.ok(line.stats.applied.reset > 0)

  line.heal()
  await patient.ready
  await lab.eventually(() => {
    assert.equal(patient.app(app).length, 1)
    assert.equal(patient.remoteStatus, 'UP')
  })
}

export async function survivesAShrunkenList(lab: Lab): Promise<void> {
  const app = lab.name('shrunken')
  for (let number = 1; number <= INSTANCES; number++)
    await lab.register(app, { instanceId: `${app}-${String(number)}` })
  const gateway = await lab.gateway()
  const client = lab.client({ serviceUrls: [gateway.url] })
  let held = 0
  client.on('held', () => held++)
  await client.start()
  const seen = (): number => client.app(app).length
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(seen(), INSTANCES)
  })

  forgetAllBut(gateway, app, lab.instance(app))
  await client.refresh()
  assert.deepEqual([seen(), held], [INSTANCES, 1], 'one list alone is not believed')
  gateway.judge = () => undefined
  await client.refresh()
  assert.deepEqual([seen(), held], [INSTANCES, 1])

  forgetAllBut(gateway, app, lab.instance(app))
  await client.refresh()
  await client.refresh()
  assert.deepEqual([seen(), held], [1, 2], 'two that say the same are')
}

/** As a server that was started again and has heard from one client only. */
function forgetAllBut(gateway: Gateway, name: string, instance: unknown): void {
  const applications = {
    versions__delta: '1',
    apps__hashcode: 'UP_1_',
    application: [{ name, instance: [instance] }],
  }
  const headers = { 'content-type': 'application/json' }
  gateway.judge = ({ path }) =>
    path === 'apps/delta' ? { status: 403 } : { status: 200, headers, body: JSON.stringify({ applications }) }
}
