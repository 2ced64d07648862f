// Netflix's own client beside ours: each reads what the other registers, and both see the same.
import assert from 'node:assert/strict'
import { seededRandom } from '@breakwater/kernel'
import type { JavaClient } from '../../../servers/eureka/java-client.ts'
import { pathOf } from '../lab.ts'
import type { Lab } from '../lab.ts'
import { statusesOf } from './client-lists.ts'

/** It asks every second. */
const JAVA_SEES_MS = 15_000
const INSTANCES = 10
const CHANGE_EVERY_MS = 100

export async function isReadByJava(lab: Lab): Promise<void> {
  const app = lab.name('ours')
  const [vip, secureVip] = [`${app}-vip`, `${app}-secure`]
  const ours = lab.registrant(app, {
    securePort: 9_443,
    vipAddress: vip,
    secureVipAddress: secureVip,
    metadata: { zone: 'z1', color: 'blue' },
  })
  await ours.start()
  const java = await lab.java({ app: lab.name('java'), vip: lab.name('java'), port: 8_123 })
  const expected = {
    id: `${app}-1`,
    status: 'UP',
    host: '127.0.0.1',
    port: 9_001,
    isOpen: true,
    securePort: 9_443,
    isSecureOpen: true,
    metadata: { zone: 'z1', color: 'blue' },
  }

  await lab.eventually(async () => {
    assert.deepEqual(await java.app(app), [expected])
  }, JAVA_SEES_MS)
  assert.deepEqual(await java.vip(vip), [expected])
  assert.deepEqual(await java.secureVip(secureVip), [expected])
  assert.deepEqual(await java.id(expected.id), [expected])

  await ours.setStatus('OUT_OF_SERVICE')
  await lab.eventually(async () => {
    assert.equal((await java.app(app))[0]?.status, 'OUT_OF_SERVICE')
  }, JAVA_SEES_MS)
  await ours.stop()
  await lab.eventually(async () => {
    assert.deepEqual(await java.app(app), [])
  }, JAVA_SEES_MS)
}

export async function readsWhatJavaRegisters(lab: Lab): Promise<void> {
  const app = lab.name('java')
  const java = await lab.java({ app, vip: `${app}-vip`, port: 8_123 })
  const client = lab.client()
  await client.start()
  const seen = async (status: string): Promise<void> => {
    await lab.eventually(async () => {
      await client.refresh()
      assert.equal(client.registryOf()?.app(app)?.all[0]?.status, status)
    }, JAVA_SEES_MS)
  }

  await seen('UP')
  const [instance] = client.app(app)
  assert.deepEqual({ ...instance?.metadata }, {})
  assert.partialDeepStrictEqual(instance, {
    app,
    vipAddress: `${app}-vip`,
    appGroupName: 'UNKNOWN',
    port: { number: 8_123, enabled: true },
    securePort: { number: 443, enabled: false },
    dataCenterInfo: { name: 'MyOwn' },
  })
  await java.setMetadata('color', 'blue')
  await lab.eventually(async () => {
    await client.refresh()
    assert.deepEqual({ ...client.app(app)[0]?.metadata }, { color: 'blue' })
  }, JAVA_SEES_MS)
  await java.setStatus('DOWN')
  await seen('DOWN')
}

export async function agreesWithJava(lab: Lab): Promise<void> {
  const app = lab.name('agree')
  const java = await lab.java({ app: lab.name('java'), vip: lab.name('java'), port: 8_123 })
  const client = lab.client({ registryFetchIntervalMs: 500, filterOnlyUpInstances: false })
  await client.start()

  await changeAtRandom(lab, app)

  await lab.eventually(async () => {
    const { apps__hashcode: hash } = await lab.wire.list('apps/')
    assert.deepEqual([await java.hash(), client.registryOf()?.hash], [hash, hash])
    assert.deepEqual(await seenBy(java, app), statusesOf(client.app(app)))
    assert.deepEqual(statusesOf(client.app(app)), statusesOf(await client.api.application(app)))
  }, JAVA_SEES_MS)
}

async function seenBy(java: JavaClient, app: string): Promise<string[]> {
  return (await java.app(app)).map(({ id, status }) => `${app}/${id} ${status}`).sort()
}

/** Registrations, statuses, overrides and cancellations, one after the other. */
async function changeAtRandom(lab: Lab, app: string): Promise<void> {
  const random = seededRandom(29)
  const upTo = (count: number): number => Math.floor(random.next() * count)
  for (let passedMs = 0; passedMs < lab.soakMs; passedMs += CHANGE_EVERY_MS) {
    const instanceId = `${app}-${String(upTo(INSTANCES))}`
    const own = pathOf(app, instanceId)
    switch (upTo(5)) {
      case 0:
        await lab.wire.ask('DELETE', own)
        break
      case 1:
        await lab.wire.ask('PUT', `${own}/status?value=OUT_OF_SERVICE`)
        break
      case 2:
        await lab.wire.ask('DELETE', `${own}/status?value=UP`)
        break
      default:
        await lab.register(app, { instanceId, status: upTo(3) === 0 ? 'DOWN' : 'UP' })
    }
    await lab.pause(CHANGE_EVERY_MS)
  }
}
