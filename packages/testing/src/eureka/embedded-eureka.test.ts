import { afterEach, describe, expect, it } from 'vitest'
import { SimClock } from '../sim-clock.js'
import { EmbeddedEureka } from './embedded-eureka.js'
import type { EmbeddedEurekaOptions } from './eureka-options.js'
import { instance, json, lines, list, registration } from './eureka.model.js'

const ID = 'h1:users:9001'
const started: EmbeddedEureka[] = []

async function start(options?: EmbeddedEurekaOptions): Promise<EmbeddedEureka> {
  const eureka = await EmbeddedEureka.start(options)
  started.push(eureka)
  return eureka
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((eureka) => eureka.stop()))
})

describe.each(['netflix', 'spring'] as const)('an embedded server, %s', (flavour) => {
  it('registers, renews, lists and cancels', async () => {
    const { url } = await start({ flavour })
    const own = `${url}apps/users/${encodeURIComponent(ID)}`

    expect((await json('PUT', own)).status).toBe(404)
    expect(await json('POST', `${url}apps/users`, registration())).toMatchObject({ status: 204, text: '' })
    expect(await json('PUT', `${own}?status=UP&lastDirtyTimestamp=1000`)).toMatchObject({
      status: 200,
      text: '',
    })
    expect(lines(await list(`${url}apps/`))).toEqual([`USERS/${ID} UP ADDED`])
    expect((await json('DELETE', own)).status).toBe(200)
    expect((await json('DELETE', own)).status).toBe(404)
    expect(await list(`${url}apps/`)).toEqual({ versions__delta: '1', apps__hashcode: '', application: [] })
  })

  it('gives an instance back as it came, in the forms of the wire', async () => {
    const { url } = await start({ flavour })
    await json('POST', `${url}apps/users`, registration())

    expect(await instance(`${url}apps/USERS/${ID}`)).toMatchObject({
      app: 'USERS',
      port: { $: 9001, '@enabled': 'true' },
      securePort: { $: 9443, '@enabled': 'false' },
      countryId: 1,
      metadata: { zone: 'z1' },
      isCoordinatingDiscoveryServer: 'false',
      lastDirtyTimestamp: '1000',
      lastUpdatedTimestamp: expect.stringMatching(/^\d+$/) as string,
      actionType: 'ADDED',
    })
    expect(await instance(`${url}instances/${ID}`)).toEqual(await instance(`${url}apps/users/${ID}`))
  })

  it('finds by VIP, also one of several, exactly as it is written', async () => {
    const { url } = await start({ flavour })
    await json('POST', `${url}apps/users`, registration())

    expect(lines(await list(`${url}vips/users-alt`))).toHaveLength(1)
    expect(lines(await list(`${url}svips/users-secure`))).toHaveLength(1)
    expect(await list(`${url}vips/USERS`)).toEqual({
      versions__delta: '-1',
      apps__hashcode: '',
      application: [],
    })
  })

  it('tells changes in the delta, each instance once', async () => {
    const { url } = await start({ flavour })
    await json('POST', `${url}apps/users`, registration())
    await json('POST', `${url}apps/users`, registration({ instanceId: 'b', status: 'STARTING' }))
    await json('PUT', `${url}apps/users/${ID}/status?value=OUT_OF_SERVICE`)
    await json('DELETE', `${url}apps/users/b`)

    const delta = await list(`${url}apps/delta`)

    expect(lines(delta)).toEqual([`USERS/${ID} OUT_OF_SERVICE MODIFIED`, 'USERS/b STARTING DELETED'])
    expect(delta.apps__hashcode).toBe('OUT_OF_SERVICE_1_')
  })

  it('merges metadata, which the next registration takes away', async () => {
    const { url } = await start({ flavour })
    await json('POST', `${url}apps/users`, registration())

    expect((await json('PUT', `${url}apps/users/${ID}/metadata?weight=5&weight=6`)).status).toBe(200)
    expect(await instance(`${url}apps/users/${ID}`)).toMatchObject({
      metadata: { zone: 'z1', weight: '5' },
      lastDirtyTimestamp: '1000',
    })
    await json('POST', `${url}apps/users`, registration({ lastDirtyTimestamp: '1001', metadata: {} }))
    expect(await instance(`${url}apps/users/${ID}`)).toMatchObject({
      metadata: { '@class': 'java.util.Collections$EmptyMap' },
    })
  })
})

describe('the clock of an embedded server', () => {
  it('lets a lease that was never renewed end after its duration, one that was after twice that', async () => {
    const clock = new SimClock()
    const { url } = await start({ clock })
    const leaseInfo = { durationInSecs: 10, renewalIntervalInSecs: 5 }
    await json('POST', `${url}apps/users`, registration({ instanceId: 'silent', leaseInfo }))
    await json('POST', `${url}apps/users`, registration({ instanceId: 'renewed', leaseInfo }))
    await json('PUT', `${url}apps/users/renewed`)

    await clock.advance(11_000)
    expect(lines(await list(`${url}apps/`))).toEqual(['USERS/renewed UP ADDED'])
    await clock.advance(8_000)
    expect(lines(await list(`${url}apps/`))).toEqual(['USERS/renewed UP ADDED'])
    await clock.advance(2_000)
    expect(lines(await list(`${url}apps/`))).toEqual([])
  })

  it('runs faster at will', async () => {
    const clock = new SimClock()
    const { url } = await start({ clock, speed: 90 })
    await json('POST', `${url}apps/users`, registration())

    await clock.advance(900)
    expect((await json('GET', `${url}apps/users/${ID}`)).status).toBe(200)
    await clock.advance(200)
    expect((await json('GET', `${url}apps/users/${ID}`)).status).toBe(404)
  })
})
