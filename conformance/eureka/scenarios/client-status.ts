// What our client does with its status and its metadata, and what it hears of them.
import assert from 'node:assert/strict'
import type { EurekaClient, InstanceStatus } from '@breakwater/discovery-client'
import { systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'
import type { Fields } from '../wire.ts'

const HOUR_MS = 3_600_000
const OUT = 'OUT_OF_SERVICE'
/** Tokens for changes come at this pace, so that none has to wait long. */
const QUICK = { instanceInfoReplicationIntervalMs: 500 }

function ownOf(lab: Lab, app: string): Promise<Fields> {
  return lab.wire.instance(pathOf(app, `${app}-1`))
}

async function showsStatus(lab: Lab, app: string, status: InstanceStatus): Promise<void> {
  await lab.eventually(async () => {
    assert.equal((await ownOf(lab, app))['status'], status)
  })
}

/** Resolves when one more registration was accepted. */
function registration(client: EurekaClient): Promise<void> {
  return new Promise((resolve) => {
    const off = client.on('registered', () => {
      off()
      resolve()
    })
  })
}

/** Kept by the server however long we wait for a core. */
const RENEWED_SOON = { leaseRenewalIntervalMs: 300, leaseExpirationMs: 30_000 }

export async function changesMetadata(lab: Lab): Promise<void> {
  const app = lab.name('metadata')
  const client = lab.registrant(app, { metadata: { v: '1', old: 'yes' }, ...RENEWED_SOON }, QUICK)
  await client.start()
  const before = await ownOf(lab, app)
  const beats: boolean[] = []

  const again = registration(client)
  client.updateMetadata({ v: '2', old: undefined })
  await again
  client.on('heartbeat', ({ ok }) => beats.push(ok))

  const after = await ownOf(lab, app)
  assert.deepEqual(after['metadata'], { v: '2' })
  assert.ok(Number(after['lastDirtyTimestamp']) > Number(before['lastDirtyTimestamp']))
  await lab.eventually(() => {
    assert.ok(beats.length >= 2)
  })
  assert.deepEqual([...new Set(beats)], [true])
}

export async function survivesAClockSetBack(lab: Lab): Promise<void> {
  const app = lab.name('clock')
  let stepMs = 0
  const clock: Clock = { ...systemClock, epochNow: () => systemClock.epochNow() + stepMs }
  const client = lab.registrant(app, { metadata: { v: '1' } }, { ...QUICK, clock })
  await client.start()

  stepMs = -HOUR_MS
  const again = registration(client)
  client.updateMetadata({ v: '2' })
  await again

  assert.deepEqual((await ownOf(lab, app))['metadata'], { v: '2' })
}

export async function hearsOfOverrides(lab: Lab): Promise<void> {
  const app = lab.name('override')
  const own = `${pathOf(app, `${app}-1`)}/status`
  const client = lab.registrant(
    app,
    { leaseRenewalIntervalMs: 1_000, leaseExpirationMs: 30_000 },
    { fetchRegistry: true },
  )
  const heard: string[] = []
  client.on('status', ({ current }) => heard.push(current))
  await client.start()
  const hears = (status: InstanceStatus): Promise<void> =>
    lab.eventually(async () => {
      await client.refresh()
      assert.equal(client.remoteStatus, status)
    })
  await hears('UP')

  await lab.wire.ask('PUT', `${own}?value=${OUT}`)
  await hears(OUT)
  await lab.wire.ask('DELETE', `${own}?value=UP`)
  await hears('UP')
  await lab.wire.ask('PUT', `${own}?value=${OUT}`)
  await hears(OUT)
  // Without a value the status is unknown; the next heartbeat is a 404, and the registration after it brings it up.
  await lab.wire.ask('DELETE', own)
  await hears('UP')

  assert.deepEqual(
    heard.filter((status) => status !== 'UNKNOWN'),
    ['UP', OUT, 'UP', OUT, 'UP'],
  )
}

export async function staysOutOfService(lab: Lab): Promise<void> {
  const app = lab.name('kept')
  const client = lab.registrant(app, {}, QUICK)
  await client.start()

  await client.setStatus(OUT)
  await showsStatus(lab, app, OUT)
  client.updateMetadata({ v: '2' })
  await lab.eventually(async () => {
    assert.partialDeepStrictEqual(await ownOf(lab, app), { status: OUT, metadata: { v: '2' } })
  })
  await client.setStatus('UP')
  await showsStatus(lab, app, 'UP')

  // By an operator, of whom the client does not know.
  await lab.wire.ask('PUT', `${pathOf(app, `${app}-1`)}/status?value=${OUT}`)
  await client.setStatus('DOWN')
  await showsStatus(lab, app, 'DOWN')
  await client.setStatus('UP')
  await showsStatus(lab, app, OUT)
}

export async function followsItsHealth(lab: Lab): Promise<void> {
  const app = lab.name('health')
  let health: () => InstanceStatus | null = () => 'UP'
  let asked = 0
  const healthCheckHandler = (): InstanceStatus | null => {
    asked++
    return health()
  }
  const gateway = await lab.gateway()
  const client = lab.registrant(app, {}, { ...QUICK, serviceUrls: [gateway.url], healthCheckHandler })
  await client.start()
  const askedTwice = async (): Promise<void> => {
    const before = asked
    await lab.eventually(() => {
      assert.ok(asked >= before + 2)
    })
  }

  await showsStatus(lab, app, 'UP')
  health = () => 'DOWN'
  await showsStatus(lab, app, 'DOWN')
  health = () => 'UP'
  await showsStatus(lab, app, 'UP')
  health = () => {
    throw new Error('the check itself is ill')
  }
  await showsStatus(lab, app, 'DOWN')
  health = () => null
  await askedTwice()
  assert.equal((await ownOf(lab, app))['status'], 'DOWN')

  const before = gateway.count(/^POST/)
  const startedAt = performance.now()
  for (let version = 1; version <= 10; version++) {
    client.updateMetadata({ version: String(version) })
    await lab.pause(1)
  }
  const atOnce = gateway.count(/^POST/) - before
  // Two are saved up, and half an interval of a busy machine makes one more.
  const most = 2 + Math.floor((performance.now() - startedAt) / (QUICK.instanceInfoReplicationIntervalMs / 2))
  await lab.eventually(async () => {
    assert.partialDeepStrictEqual(await ownOf(lab, app), { metadata: { version: '10' } })
  })
  assert.ok(atOnce <= most, `${String(atOnce)} registrations at once`)
}
