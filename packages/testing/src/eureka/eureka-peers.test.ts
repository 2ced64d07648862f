import { onInternalError } from '@breakwater/kernel'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { SimClock } from '../sim-clock.js'
import type { EmbeddedEureka } from './embedded-eureka.js'
import { batches, EurekaLab, replicate } from './eureka-lab.model.js'
import { json, raw, registration } from './eureka.model.js'

const lab = new EurekaLab()
const OWN = 'apps/users/h1:users:9001'

afterEach(lab.close)

const states = ({ instances }: EmbeddedEureka): unknown[] =>
  instances.map(({ instanceId, status, metadata }) => [instanceId, status, metadata])

describe('two peers', () => {
  it('tell each other every change, half a second later', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    await json('POST', `${first.url}apps/users`, registration())
    expect(states(second)).toEqual([])
    await replicate(clock, second)
    expect(states(second)).toEqual([['h1:users:9001', 'UP', { zone: 'z1' }]])

    await json('PUT', `${first.url}${OWN}/status?value=OUT_OF_SERVICE`)
    await json('PUT', `${first.url}${OWN}/metadata?zone=z2`)
    await replicate(clock, second)
    expect(states(second)).toEqual([['h1:users:9001', 'OUT_OF_SERVICE', { zone: 'z2' }]])

    await json('DELETE', `${second.url}${OWN}/status?value=UP`)
    await replicate(clock, first)
    expect(states(first)).toEqual(states(second))

    await json('DELETE', `${first.url}${OWN}`)
    await replicate(clock, second)
    expect([states(first), states(second)]).toEqual([[], []])
  })

  it('do not pass on what a peer told', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    first.register({ appName: 'users' })
    await replicate(clock, second)

    await clock.advance(5_000)

    expect(batches(first)).toBe(0)
    expect(batches(second)).toBe(1)
  })

  it.each([
    ['POST', 'apps/users', 204],
    ['PUT', OWN, 200],
    ['PUT', `${OWN}/status?value=DOWN`, 200],
    ['DELETE', OWN, 200],
  ])('do not pass on a %s %s that says that it comes from a peer', async (method, path, status) => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    await json('POST', `${first.url}apps/users`, registration())
    await replicate(clock, second)
    const headers = { 'content-type': 'application/json', 'x-netflix-discovery-replication': 'true' }

    const body = method === 'POST' ? registration() : undefined
    expect((await raw(method, first.url + path, { headers, body })).status).toBe(status)

    expect(clock.pending.background).toBe(0)
  })

  it('a heartbeat to the other right after a registration is a 404', async () => {
    const [first, second] = await lab.startPair({ clock: new SimClock() })
    await json('POST', `${first.url}apps/users`, registration())

    expect((await json('PUT', second.url + OWN)).status).toBe(404)
  })

  it('one that has forgotten an instance gets it back with its next heartbeat', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    await json('POST', `${first.url}apps/users`, registration())
    await replicate(clock, second)
    second.restart()

    await json('PUT', first.url + OWN)
    await replicate(clock, second)
    expect(states(second)).toEqual([])
    await replicate(clock, second)

    expect(states(second)).toEqual(states(first))
  })

  it('the one with older data takes the newer', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    await json('POST', `${first.url}apps/users`, registration())
    await replicate(clock, second)
    first.setPeers([])
    second.setPeers([])
    await json(
      'POST',
      `${second.url}apps/users`,
      registration({ lastDirtyTimestamp: '2000', metadata: { v: '2' } }),
    )
    first.setPeers([second.url])

    await json('PUT', first.url + OWN)
    await replicate(clock, second)

    expect(states(first)).toEqual([['h1:users:9001', 'UP', { v: '2' }]])
  })

  it('tell each other what a test does to one of them, but not whom it evicts', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    const [evicted, id] = ['a', 'b'].map((instanceId) => first.register({ appName: 'users', instanceId }))
    await replicate(clock, second)

    first.evict(evicted)
    first.setStatus(id!, 'OUT_OF_SERVICE')
    await replicate(clock, second)
    expect(second.instances.map(({ status }) => status)).toEqual(['UP', 'OUT_OF_SERVICE'])
    first.removeOverride(id!, 'UP')
    await replicate(clock, second)
    expect(second.instances.at(-1)).toMatchObject({ status: 'UP', overriddenStatus: 'UNKNOWN' })
    first.cancel(id!)
    await replicate(clock, second)
    expect(second.instances.map(({ instanceId }) => instanceId)).toEqual([evicted])
  })

  it('are as fast as their own time', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock, speed: 10 })

    first.register({ appName: 'users' })
    await replicate(clock, second, 50)

    expect(second.instances).toHaveLength(1)
  })

  it('can be more than two', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    const third = await lab.start({ clock })
    first.setPeers([second.url, third.url])

    first.register({ appName: 'users' })
    await replicate(clock, third)
    await vi.waitUntil(() => second.instances.length === 1, { timeout: 10_000 })

    expect(states(third)).toEqual(states(first))
  })

  it('tell nothing more to a server that is no peer any more', async () => {
    const clock = new SimClock()
    const [first] = await lab.startPair({ clock })
    first.register({ appName: 'users' })
    expect(clock.pending.background).toBe(1)

    first.setPeers([])

    expect(clock.pending.background).toBe(0)
  })

  it('hear nothing of one that answers nonsense, and go on', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    const reports: string[] = []
    onTestFinished(onInternalError((_error, where) => reports.push(where)))
    second.fault('replication', { kind: 'answer', status: 200, body: 'nonsense', count: 1 })

    first.register({ appName: 'users', port: 1 })
    await replicate(clock, second)
    first.register({ appName: 'users', port: 2 })
    await replicate(clock, second)

    expect(reports).toEqual(['EmbeddedEureka: answer of a peer'])
    expect(second.instances).toHaveLength(1)
  })

  it('leave one that does not answer, and go on', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    second.fault('replication', { kind: 'hang', count: 1 })

    for (const port of [1, 2]) {
      first.register({ appName: 'users', port })
      await clock.advance(500)
    }

    await vi.waitUntil(() => second.instances.length === 1, { timeout: 10_000 })
    expect(second.instances[0]).toMatchObject({ port: { $: 2 } })
  })

  it('go on alone when they cannot reach each other', async () => {
    const clock = new SimClock()
    const [first, second] = await lab.startPair({ clock })
    second.fault('replication', { kind: 'drop' })

    first.register({ appName: 'users' })
    await clock.advance(500)
    while (second.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))

    expect([first.instances.length, second.instances.length]).toEqual([1, 0])
  })
})
