/** What users of eureka-js-client stumble over, by its most telling issues, beside the ten defects. */
import { EurekaClient } from '@breakwater/discovery-client'
import { EmbeddedEureka } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { arrived, USERS, world } from './client.model.js'

async function spring(): Promise<EmbeddedEureka> {
  const eureka = await EmbeddedEureka.start({ flavour: 'spring' })
  onTestFinished(() => eureka.stop())
  return eureka
}

function clientOf(options: ConstructorParameters<typeof EurekaClient>[0]): EurekaClient {
  const client = new EurekaClient(options)
  onTestFinished(() => client.stop())
  return client
}

/** The instance as it was sent. */
function sent({ requests }: EmbeddedEureka): Record<string, unknown> {
  const registration = requests.find(({ route }) => route === 'register')
  return (registration?.body as { instance: Record<string, unknown> }).instance
}

test('#62, #63: a base URL with or without its last slash is the same server', async () => {
  const eureka = await spring()

  await clientOf({ serviceUrls: [eureka.url.replace(/[/]$/, '')], instance: USERS }).start()

  expect(eureka.requests.map(({ path }) => path).toSorted()).toEqual(['/eureka/apps/', '/eureka/apps/USERS'])
  expect(eureka.instances).toHaveLength(1)
})

test('#46, #95, #113: nobody has to know the forms of ports, of the data center, or that dashboards need a status page', async () => {
  const eureka = await spring()

  await clientOf({ serviceUrls: [eureka.url], instance: USERS }).start()

  expect(sent(eureka)).toMatchObject({
    port: { $: 9_001, '@enabled': 'true' },
    securePort: { '@enabled': 'false' },
    dataCenterInfo: {
      '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
      name: 'MyOwn',
    },
    statusPageUrl: 'http://127.0.0.1:9001/info',
  })
})

test('#42, #43, #153: the id in the body is the id in every path', async () => {
  const { eureka, client } = await world({ instance: { ...USERS, instanceId: 'users one' } })
  await client.start()
  const { instanceId } = sent(eureka)

  await client.stop()

  expect(instanceId).toBe('users one')
  expect(eureka.requests.find(({ method }) => method === 'DELETE')?.path).toMatch(
    /\/apps\/USERS\/users%20one$/,
  )
  expect(eureka.instances).toEqual([])
})

test('#121: a service has its name as its VIP, where Spring looks for it', async () => {
  const { eureka, client } = await world({ instance: USERS })
  await client.start()

  expect(sent(eureka)).toMatchObject({ vipAddress: 'users', secureVipAddress: 'users' })
  await client.refresh()
  expect(client.vip('users')).toHaveLength(1)
})

test('#91: nothing says that it has registered while it has not', async () => {
  const { eureka, client } = await world({ instance: USERS })
  const fault = eureka.fault('register', { kind: 'answer', status: 500 })
  const told: string[] = []
  client.on('registered', () => told.push('registered'))
  void client.ready.then(() => told.push('ready')).catch(() => undefined)

  await client.start()

  expect(fault.hits).toBe(1)
  expect([told, client.isReady]).toEqual([[], false])
})

test('#136: an error says who failed, at what, and how', async () => {
  const { eureka, client } = await world()
  eureka.fault('apps', { kind: 'answer', status: 500 })
  const told: unknown[] = []
  client.on('error', (event) => told.push(event))

  await client.start()

  expect(told).toEqual([
    {
      operation: 'fetch',
      error: expect.objectContaining({
        code: 'ERR_REGISTRY_NO_SERVER',
        answered: 500,
        cause: expect.objectContaining({
          message: `${eureka.url} answered 500 to full`,
        }) as unknown,
      }) as unknown,
    },
  ])
})

test('#138, #149: who only reads needs no instance', async () => {
  const { eureka, client } = await world()
  eureka.register({ appName: 'orders', port: 1 })

  await client.start()

  expect(client.instances('orders')).toHaveLength(1)
  expect(eureka.requests.map(({ method }) => method)).toEqual(['GET'])
})

test('#67, #68, #82: credentials of each server go to that server, decoded', async () => {
  const [one, two] = [await spring(), await spring()]
  const named = (url: string, user: string): string => url.replace('//', `//${user}:p%40ss%3A@`)
  one.fault('any', { kind: 'answer', status: 503 })
  const serviceUrls = { near: [named(one.url, 'ada')], far: [named(two.url, 'bob')] }

  await clientOf({ serviceUrls, zone: 'near' }).start()

  const basic = (user: string): string => `Basic ${Buffer.from(`${user}:p@ss:`).toString('base64')}`
  expect(one.requests[0]?.headers.authorization).toBe(basic('ada'))
  expect(two.requests[0]?.headers.authorization).toBe(basic('bob'))
})

test('#47: who was forgotten registers again', async () => {
  const { eureka, client, clock } = await world({ instance: USERS })
  await client.start()
  eureka.cancel(String(client.self?.instanceId))

  await clock.advance(33_001)

  await arrived(() => eureka.instances.length === 1)
})
