import {
  BulkheadFullError,
  createRuntime,
  InvalidOptionsError,
  NoInstancesError,
  onInternalError,
} from '@breakwater/kernel'
import type { BalancerReading, Runtime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test, vi } from 'vitest'
import type { InstanceSource, Snapshot } from '../instance.js'
import { MergedSource } from '../sources/merged-source.js'
import { StaticSource } from '../sources/static-source.js'
import { createBalancer } from './balancer.js'

const THREE = [
  { id: 'a', host: '10.0.0.1', port: 80, zone: 'z1' },
  { id: 'b', host: '10.0.0.2', port: 80, zone: 'z2' },
  { id: 'c', host: '10.0.0.3', port: 80, status: 'DOWN' as const },
]

function read(runtime: Runtime): BalancerReading {
  const [instrument] = [...runtime.instruments()]
  if (instrument?.kind !== 'balancer') throw new Error('no balancer')
  return instrument.read()
}

test('a balancer with a name shows its numbers, until it is disposed', async () => {
  const runtime = createRuntime()
  const clock = new SimClock()
  const source = new StaticSource({ users: THREE }, { clock })
  const balancer = createBalancer({
    source,
    service: 'users',
    name: 'users',
    runtime,
    clock,
    strategy: 'roundRobin',
  })
  const ends = ['success', 'failure', 'timeout', 'cancelled', 'ignored', 'rejected', 'success'] as const
  for (const end of ends) balancer.pick({ exclude: ['b'] }).done(end, 20)
  balancer.pick({ exclude: ['a'] })
  await clock.advance(1_500)

  const reading = read(runtime)

  expect(reading).toMatchObject({
    strategy: 'roundRobin',
    calls: { success: 2, failure: 1, timeout: 1, cancelled: 1, ignored: 1, rejected: 1, no_instance: 0 },
    inFlight: 1,
    panic: false,
    panicPicks: 0,
    rebuilds: 1,
    listUpdatedAt: clock.epochNow() - 1_500,
  })
  expect(reading.instances).toMatchObject([
    {
      id: 'a',
      zone: 'z1',
      state: 'available',
      inFlight: 0,
      calls: { success: 2, failure: 1, timeout: 1, neutral: 3 },
    },
    { id: 'b', zone: 'z2', state: 'available', inFlight: 1, latencyMs: undefined },
    { id: 'c', zone: undefined, state: 'down' },
  ])
  expect(reading.instances[0]?.latencyMs).toBeGreaterThan(0)
  balancer.dispose()
  expect([...runtime.instruments()]).toEqual([])
})

test('tells who is ejected, on trial, and what found it', async () => {
  const runtime = createRuntime()
  const clock = new SimClock()
  const source = new StaticSource({ users: THREE }, { clock })
  const random = { next: () => 0 }
  using balancer = createBalancer({ source, service: 'users', name: 'users', runtime, clock, random })
  const fail = (): void => {
    balancer.pick({ exclude: ['b'] }).done('failure')
  }
  const state = (): unknown => read(runtime).instances.map((instance) => instance.state)
  balancer.pick({ exclude: ['a'] }).done('success')
  for (let count = 0; count < 50 && read(runtime).instances[0]?.state !== 'ejected'; count++) {
    await clock.advance(10)
    fail()
    balancer.pick({ exclude: ['a'] }).done('success')
  }
  const during = state()
  const { ejections } = read(runtime)
  await clock.advance(600_000)

  expect(during).toEqual(['ejected', 'available', 'down'])
  expect(state()).toEqual(['trial', 'available', 'down'])
  expect(ejections.map(({ detector, enforced }) => [detector, enforced])).toContainEqual([
    'consecutiveFailures',
    1,
  ])
})

test('keeps the counts of instances that have left, and counts questions that found nobody', () => {
  const runtime = createRuntime()
  const source = new StaticSource({ users: ['http://10.0.0.1:80'] })
  using balancer = createBalancer({ source, service: 'users', name: 'users', runtime })
  balancer.pick().done('success')
  const open = balancer.pick()
  source.set({})
  expect(() => balancer.pick()).toThrow(NoInstancesError)
  const before = read(runtime)
  open.done('failure')

  expect(before).toMatchObject({ inFlight: 1, instances: [], calls: { success: 1, no_instance: 1 } })
  expect(read(runtime)).toMatchObject({ inFlight: 0, calls: { success: 1, failure: 1, no_instance: 1 } })
})

test('shows nothing without a name, and refuses one that is none', () => {
  const runtime = createRuntime()
  const source = new StaticSource({})
  createBalancer({ source, service: 'users', runtime })
  expect([...runtime.instruments()]).toEqual([])

  const bad = { source, service: 'users', name: '', runtime: {} }
  expect(() => createBalancer(bad as never)).toThrow(InvalidOptionsError)
})

test('shows the limits of instances, and how many calls met nobody with room', () => {
  const runtime = createRuntime()
  const source = new StaticSource({ users: THREE })
  const balancer = createBalancer({ source, service: 'users', name: 'users', runtime, limit: { max: 1 } })
  balancer.pick()
  balancer.pick()
  expect(() => balancer.pick()).toThrow(BulkheadFullError)

  const { calls, instances } = read(runtime)
  balancer.dispose()

  expect(calls).toMatchObject({ full: 1, no_instance: 0 })
  expect(instances.map(({ limit }) => limit)).toEqual([1, 1, 1])
})

test('the list is as old as what the source last heard, though nothing has changed, and older once it is disposed', async () => {
  const clock = new SimClock()
  const source = new StaticSource({ users: THREE }, { clock })
  const balancer = createBalancer({ source, service: 'users', clock })
  const updatedAt = (): unknown => balancer.snapshot().updatedAt
  await clock.advance(1_000)
  source.set({ users: THREE })
  const heard = updatedAt()
  balancer.dispose()
  const asked = vi.spyOn(source, 'snapshot')

  expect([heard, updatedAt()]).toEqual([1_000, 0])
  expect(asked).not.toHaveBeenCalled()
})

test('the age of another list than the one in use says nothing, nor does a source that throws', async () => {
  const clock = new SimClock()
  const source = new StaticSource({ users: THREE }, { clock })
  const balancer = createBalancer({ source, service: 'users', clock })
  const asked = vi.spyOn(source, 'snapshot')
  const updatedAt = (): unknown => balancer.snapshot().updatedAt
  asked.mockReturnValueOnce({ service: 'users', instances: [], version: 2, updatedAt: 500 })
  const ofAnother = updatedAt()
  asked.mockImplementationOnce(() => {
    throw new Error('not now')
  })
  const reports: unknown[] = []
  const end = onInternalError((error) => reports.push(error))
  const ofNone = updatedAt()
  end()

  expect([ofAnother, ofNone]).toEqual([0, 0])
  expect(reports).toEqual([new Error('not now')])
})

test.each([undefined, null, Number.NaN, Infinity, 'yesterday'])(
  'a source that says %s of the age of its list is of unknown age',
  (updatedAt) => {
    const given = { ...new StaticSource({ users: THREE }).snapshot('users')!, updatedAt } as Snapshot
    const strange: InstanceSource = {
      watch: (_service, listener) => {
        listener(given)
        return () => undefined
      },
      snapshot: () => given,
    }
    const clock = new SimClock({ startMs: 5_000 })
    const known = new StaticSource({ users: [] }, { clock })
    const sources = [strange, new MergedSource([strange]), new MergedSource([known, strange])]
    const ages = sources.map((source) => {
      const runtime = createRuntime()
      const balancer = createBalancer({ source, service: 'users', name: 'users', runtime, clock })
      const { listUpdatedAt } = read(runtime)
      balancer.dispose()
      return listUpdatedAt
    })

    expect(ages).toEqual([undefined, undefined, clock.epochNow()])
  },
)

test.each([null, ''])('an instance whose zone is %j has none', (zone) => {
  const instances = [{ id: 'a', host: 'a', port: 1, status: 'UP', weight: 1, metadata: {}, zone }]
  const list = { service: 'users', version: 1, updatedAt: 0, instances } as unknown as Snapshot
  const source: InstanceSource = { watch: () => () => undefined, snapshot: () => list }
  using balancer = createBalancer({ source, service: 'users' })

  expect(balancer.snapshot().instances).toMatchObject([{ id: 'a', zone: undefined }])
})

test('an age that a source tells later only is told on', () => {
  const told: { updatedAt?: number } = {}
  const list = new StaticSource({ users: THREE }).snapshot('users')!
  const source: InstanceSource = {
    watch: () => () => undefined,
    snapshot: () => ({ ...list, updatedAt: told.updatedAt }) as Snapshot,
  }
  using balancer = createBalancer({ source, service: 'users' })
  const before = balancer.snapshot().updatedAt
  told.updatedAt = 7

  expect([before, balancer.snapshot().updatedAt]).toEqual([undefined, 7])
})
