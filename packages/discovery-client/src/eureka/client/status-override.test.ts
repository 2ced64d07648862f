import { EmbeddedEureka, SimClock } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { answers, arrived, pass, startEureka, testClient, USERS } from './client.model.js'

const removals = ({ requests }: EmbeddedEureka): number =>
  requests.filter(({ route }) => route === 'removeStatus').length

test('an override is removed at the peers of a server that has forgotten the instance', async () => {
  const [first, second] = await EmbeddedEureka.startPair()
  onTestFinished(async () => {
    await Promise.all([first.stop(), second.stop()])
  })
  const { client } = testClient({ serviceUrls: [first.url], fetchRegistry: false, instance: USERS })
  await client.start()
  await client.setStatus('OUT_OF_SERVICE')
  await arrived(() => second.instances[0]?.['status'] === 'OUT_OF_SERVICE')
  first.restart()

  await client.setStatus('UP')
  await arrived(() => second.instances[0]?.['status'] === 'UP', 'the instance in service at the peer')

  expect(first.instances).toMatchObject([{ status: 'UP', overriddenStatus: 'UNKNOWN' }])
})

test('a server that knows of no instance though it takes its registrations is not asked for ever', async () => {
  const eureka = await startEureka()
  const clock = new SimClock()
  const { client } = testClient({ clock, serviceUrls: [eureka.url], fetchRegistry: false, instance: USERS })
  await client.start()
  await client.setStatus('OUT_OF_SERVICE')
  eureka.fault('removeStatus', { kind: 'answer', status: 404 })

  await client.setStatus('UP')
  await pass(clock, 600_000)
  await answers(eureka.url)

  expect(removals(eureka)).toBe(11)
})

test('E11: a status that was not yet on its way when the client stops is not sent after the cancellation', async () => {
  const eureka = await startEureka()
  const { client } = testClient({ serviceUrls: [eureka.url], fetchRegistry: false, instance: USERS })
  await client.start()

  const setting = client.setStatus('OUT_OF_SERVICE')
  await client.stop()
  await setting
  await answers(eureka.url)

  expect(eureka.requests.map(({ route }) => route)).toEqual(['register', 'cancel', 'apps'])
})

test('a status that is on its way when the client stops is no fault', async () => {
  const eureka = await startEureka()
  eureka.fault('setStatus', { kind: 'hang' })
  const clock = new SimClock()
  const options = { clock, serviceUrls: [eureka.url], fetchRegistry: false, instance: USERS }
  const { client, told } = testClient({ ...options, unregisterOnShutdown: false })
  await client.start()
  const setting = client.setStatus('OUT_OF_SERVICE')
  await arrived(() => eureka.requests.some(({ route }) => route === 'setStatus'))

  await client.stop()
  await setting

  expect(told.map(({ event }) => event)).toEqual(['registered'])
})
