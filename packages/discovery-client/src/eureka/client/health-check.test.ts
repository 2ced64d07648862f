import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import type { InstanceStatus } from '../../instance.js'
import { arrived, startEureka, testClient, USERS } from './client.model.js'

const REPLICATION_MS = 30_000
/** The longest period between two checks. */
const PERIOD_MS = 1.1 * REPLICATION_MS

test('an instance that was taken out of service by hand is not checked until it comes back by hand', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  let checks = 0
  const healthCheckHandler = (): InstanceStatus => {
    checks++
    return 'UP'
  }
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
  await client.start()
  await client.setStatus('OUT_OF_SERVICE')

  await clock.advance(4 * PERIOD_MS)
  expect([checks, client.self?.status]).toEqual([1, 'OUT_OF_SERVICE'])
  await client.setStatus('UP')
  await clock.advance(PERIOD_MS)

  expect(checks).toBe(2)
})

test.each<[string, object]>([
  ['', {}],
  [', also where nobody tells of polls', { afterPoll: undefined }],
])('a check that does not end is a failure when the next would be due%s', async (_where, more) => {
  const eureka = await startEureka()
  const clock = Object.assign(new SimClock(), more)
  let checks = 0
  const healthCheckHandler = (): InstanceStatus | Promise<InstanceStatus> =>
    checks++ === 0 ? 'UP' : new Promise(() => undefined)
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
  await client.start()
  await clock.advance(PERIOD_MS)
  expect([checks, client.self?.status]).toEqual([2, 'UP'])

  await clock.advance(REPLICATION_MS)

  expect(client.self?.status).toBe('DOWN')
  await arrived(() => eureka.instances[0]?.['status'] === 'DOWN')
})

test.each<[string, InstanceStatus[]]>([
  ['later', ['UP', 'OUT_OF_SERVICE', 'UP']],
  ['at the start', ['OUT_OF_SERVICE', 'UP']],
])('an instance that a check takes out of service %s comes back with a check', async (_when, statuses) => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const healthCheckHandler = (): InstanceStatus => statuses[0]!
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
  await client.start()
  for (; statuses.length > 0; statuses.shift()) {
    await clock.advance(PERIOD_MS)
    await arrived(() => eureka.instances[0]?.['status'] === statuses[0])
  }

  expect(client.self).toMatchObject({ status: 'UP', overriddenStatus: 'UNKNOWN' })
})

test('what a check says at the start counts, not the status of the options', async () => {
  const eureka = await startEureka()
  const instance = { ...USERS, status: 'OUT_OF_SERVICE' } as const
  const { client } = testClient({ serviceUrls: [eureka.url], instance, healthCheckHandler: () => 'UP' })
  await client.start()
  await arrived(() => eureka.requests.some(({ route }) => route === 'removeStatus'))

  expect([eureka.instances[0]?.['status'], client.self?.status]).toEqual(['UP', 'UP'])
})

test.each(['later', 'at the start'])(
  'an instance that is taken out of service by hand during a check (%s) stays out',
  async (when) => {
    const eureka = await startEureka()
    const clock = new SimClock()
    let checks = 0
    const answer: { now?: (status: InstanceStatus) => void } = {}
    const healthCheckHandler = (): InstanceStatus | Promise<InstanceStatus> =>
      checks++ === 0 && when === 'later' ? 'UP' : new Promise((resolve) => (answer.now = resolve))
    const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
    const started = client.start()
    if (when === 'later') await started
    await clock.advance(when === 'later' ? PERIOD_MS : 0)
    await client.setStatus('OUT_OF_SERVICE')
    answer.now?.('UP')
    await started
    await clock.advance(2 * PERIOD_MS)

    await arrived(() => eureka.instances[0]?.['status'] === 'OUT_OF_SERVICE')
    expect(client.self?.status).toBe('OUT_OF_SERVICE')
  },
)

test('a check that waits in a socket after a stall of the loop is heard', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  let checks = 0
  const healthCheckHandler = (): InstanceStatus | Promise<InstanceStatus> => {
    if (checks++ === 0) return 'UP'
    return new Promise((resolve) => {
      clock.io(clock.now() + 10, () => resolve('UP'))
    })
  }
  const { client } = testClient({ serviceUrls: [eureka.url], clock, instance: USERS, healthCheckHandler })
  await client.start()
  while (checks < 2) await clock.advance(5)

  clock.stall(2 * REPLICATION_MS)
  await clock.flush()

  expect([checks, client.self?.status]).toEqual([2, 'UP'])
})

test('whoever waits for the start waits for its check, which keeps the process alive; later ones do not', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  let checks = 0
  const { client } = testClient({
    serviceUrls: [eureka.url],
    clock,
    fetchRegistry: false,
    instance: USERS,
    healthCheckHandler: () => {
      checks++
      return new Promise(() => undefined)
    },
  })
  const started = client.start()
  await clock.flush()
  const atStart = clock.pending.timers
  await clock.advance(REPLICATION_MS)
  await started
  await clock.advance(PERIOD_MS)

  expect([atStart, checks, client.self?.status]).toEqual([1, 2, 'DOWN'])
  await arrived(() => clock.pending.timers === 0)
})
