/** A program that forgets to stop eureka-js-client 4.5.0 never ends: its intervals keep it alive. */
import { EmbeddedEureka } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { live, livedMs } from '../process/life.model.js'

test('a program that forgets its clients ends by itself', { timeout: 90_000 }, async () => {
  const eureka = await EmbeddedEureka.start()
  onTestFinished(() => eureka.stop())

  const life = await live(`
    const { EurekaClient } = await import('@breakwater/discovery-client')
    const instance = { appName: 'users', port: 9_001 }
    const registered = new EurekaClient({ serviceUrls: [${JSON.stringify(eureka.url)}], instance, healthCheckHandler: () => 'UP' })
    await registered.start()
    const lonely = new EurekaClient({ serviceUrls: ['http://127.0.0.1:1/eureka/'], instance })
    await lonely.start()
    console.log('ready', registered.isReady, lonely.isReady)`)

  expect(life).toMatchObject({ code: 0, errors: '' })
  expect(life.output).toContain('ready true false')
  expect(livedMs(life)).toBeLessThan(15_000)
  expect(eureka.instances).toHaveLength(1)
})

test('a program that waits until its client is ready does not end before', { timeout: 90_000 }, async () => {
  const eureka = await EmbeddedEureka.start()
  onTestFinished(() => eureka.stop())
  eureka.fault('any', { kind: 'answer', status: 503, count: 5 })

  const life = await live(`
    const { EurekaClient } = await import('@breakwater/discovery-client')
    const client = new EurekaClient({ serviceUrls: [${JSON.stringify(eureka.url)}], registryFetchIntervalMs: 300 })
    await client.start()
    console.log(client.isReady)
    await client.ready
    console.log(client.isReady)`)

  expect(life).toMatchObject({ code: 0, errors: '' })
  expect(life.output).toMatch(/^false\ntrue\n/)
})
