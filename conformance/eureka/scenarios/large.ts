// A registry of the size of a large company.
import assert from 'node:assert/strict'
import type { Lab } from '../lab.ts'
import { Wire } from '../wire.ts'

const INSTANCES = 10_000
const APPS = 200
const CHANGED = INSTANCES / 100
const POLLS = 10
const WARM_UP = 3
const WRITERS = 16
const HOLD_LIMIT_MS = 20
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

  const held: number[][] = []
  for (let poll = 1; poll <= POLLS; poll++) {
    const from = (poll - 1) * CHANGED
    await register(lab, wire, { prefix, from, to: from + CHANGED, version: String(poll) })
    kinds.length = 0
    const longTurns = await longTurnsDuring(() => client.refresh())
    if (poll > WARM_UP && longTurns.length > 0) held.push(longTurns)
    assert.deepEqual(kinds, ['delta'])
    assert.equal(client.instance(idOf(prefix, from))?.metadata['version'], String(poll))
  }
  wire.close()

  assert.equal(client.registryOf()?.size, INSTANCES)
  // What a poll costs, each costs; a collection of garbage, the compiler or a busy machine makes one or another longer.
  const message = `the event loop was held for ${held.flat().map(Math.round).join(', ')} ms`
  assert.ok(held.length <= (POLLS - WARM_UP) / 2, message)
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

/**
 * The turns of the event loop that computed for longer than the limit meanwhile. By the time of this thread: on a machine with
 * other work the wall clock would tell how long we had to wait for a core. The others are not kept: a slow server lets
 * the loop turn hundreds of thousands of times.
 */
async function longTurnsDuring(work: () => Promise<void>): Promise<number[]> {
  const turns: number[] = []
  let lastMs = cpuMs()
  const note = (): void => {
    const nowMs = cpuMs()
    if (nowMs - lastMs > HOLD_LIMIT_MS) turns.push(nowMs - lastMs)
    lastMs = nowMs
  }
  let next = setImmediate(function turn() {
    note()
    next = setImmediate(turn)
  })
  await work()
  clearImmediate(next)
  note()
  return turns
}

function cpuMs(): number {
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage).call(process)
  return (user + system) / 1_000
}
