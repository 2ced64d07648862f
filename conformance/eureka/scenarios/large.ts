// A registry of the size of a large company.
import assert from 'node:assert/strict'
import type { Lab } from '../lab.ts'
import { TurnWatch } from '../../../packages/discovery-client/src/eureka/client/turn-watch.model.ts'
import { Wire } from '../wire.ts'

const INSTANCES = 10_000
const APPS = 200
const CHANGED = INSTANCES / 100
const POLLS = 10
const WARM_UP = 3
const WRITERS = 16
const HOLD_LIMIT_MS = 20
/** Turns of the event loop that the compiler or a busy machine may have made longer. */
const UNLUCKY = 2
/** Nobody renews them, and registering them takes minutes where others want the cores too. */
const LEASE = { renewalIntervalInSecs: 30, durationInSecs: 3_600 }

export async function followsTenThousand(lab: Lab): Promise<void> {
  const server = await lab.server()
  const wire = new Wire(server.url)
  const prefix = lab.name('large')
  await register(lab, wire, { prefix, from: 0, to: INSTANCES, version: '0' })
  const client = lab.client({ serviceUrls: [server.url], readTimeoutMs: 60_000 })
  const kinds: string[] = []
  client.on('registry', ({ kind }) => kinds.push(kind))
  await client.start()
  await lab.eventually(async () => {
    await client.refresh()
    assert.equal(client.registryOf()?.size, INSTANCES)
  })

  const held: number[] = []
  for (let poll = 1; poll <= POLLS; poll++) {
    const from = (poll - 1) * CHANGED
    await register(lab, wire, { prefix, from, to: from + CHANGED, version: String(poll) })
    kinds.length = 0
    const watch = new TurnWatch().start()
    await client.refresh()
    const turns = await watch.stop()
    if (poll > WARM_UP) held.push(...turns.filter((ms) => ms > HOLD_LIMIT_MS))
    assert.deepEqual(kinds, ['delta'])
    assert.equal(client.instance(idOf(prefix, from))?.metadata['version'], String(poll))
  }
  wire.close()

  assert.equal(client.registryOf()?.size, INSTANCES)
  assert.ok(held.length <= UNLUCKY, `the event loop was held for ${held.map(Math.round).join(', ')} ms`)
}

interface Batch {
  readonly prefix: string
  readonly from: number
  readonly to: number
  readonly version: string
}

function idOf(prefix: string, index: number): string {
  return `${prefix}-${String(index)}`
}

async function register(lab: Lab, wire: Wire, { prefix, from, to, version }: Batch): Promise<void> {
  let next = from
  const write = async (): Promise<void> => {
    while (next < to) {
      const index = next++
      const app = `${prefix}-${String(index % APPS)}`
      const instance = lab.instance(app, {
        instanceId: idOf(prefix, index),
        leaseInfo: LEASE,
        metadata: { version, zone: 'z1' },
      })
      assert.equal(await wire.status('POST', `apps/${app}`, { body: { instance } }), 204)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, write))
}
