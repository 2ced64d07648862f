import { seededRandom } from '@breakwater/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { SimClock } from '../sim-clock.js'
import { EurekaLab } from './eureka-lab.model.js'
import { PRODUCTION_EUREKA } from './eureka-options.js'
import { json, lines, list, registration } from './eureka.model.js'

const lab = new EurekaLab()

afterEach(lab.close)

describe('a server with the settings of production', () => {
  it('lets changes show up with the next copying of its pages', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ ...PRODUCTION_EUREKA, clock, waitTimeWhenSyncEmptyMs: 0 })
    const read = async (): Promise<string[]> => lines(await list(`${eureka.url}apps/`))
    expect(await read()).toEqual([])

    eureka.register({ appName: 'users', instanceId: 'a' })

    await clock.advance(29_999)
    expect(await read()).toEqual([])
    await clock.advance(1)
    expect(await read()).toEqual(['USERS/a UP ADDED'])
  })

  it('refuses lists for five minutes after each start, and nothing else', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ ...PRODUCTION_EUREKA, clock })
    const { url } = eureka
    const status = async (path: string): Promise<number> => (await json('GET', url + path)).status
    expect((await json('POST', `${url}apps/users`, registration())).status).toBe(204)

    for (const path of ['apps/', 'apps/delta', 'apps/USERS', 'vips/users', 'svips/users'])
      expect(await status(path)).toBe(403)
    expect(await status('instances/h1:users:9001')).toBe(200)
    await clock.advance(300_000)
    expect(await status('apps/')).toBe(200)
    eureka.restart()
    expect(await status('apps/')).toBe(403)
  })

  it('of Spring answers at once', async () => {
    const { url } = await lab.start({ ...PRODUCTION_EUREKA, flavour: 'spring' })

    expect((await json('GET', `${url}apps/`)).status).toBe(200)
  })

  it('keeps everybody when most stop renewing, until it is told to let go', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ ...PRODUCTION_EUREKA, clock, flavour: 'spring' })
    const ids = Array.from({ length: 10 }, (_, index) =>
      eureka.register({ appName: 'users', instanceId: String(index), leaseExpirationMs: 90_000 }),
    )
    const renew = async (renewing: readonly string[], minutes: number): Promise<void> => {
      for (let half = 0; half < minutes * 2; half++) {
        await Promise.all(renewing.map((id) => json('PUT', `${eureka.url}apps/users/${id}`)))
        await clock.advance(30_000)
      }
    }
    await renew(ids, 3)

    await renew(ids.slice(0, 2), 60)
    expect(eureka.instances).toHaveLength(10)
    eureka.update({ selfPreservation: false })
    await renew(ids.slice(0, 2), 6)

    expect(eureka.instances.map(({ instanceId }) => instanceId)).toEqual(['0', '1'])
  })

  it('lets a single dead instance go', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ ...PRODUCTION_EUREKA, clock, flavour: 'spring' })
    const ids = Array.from({ length: 20 }, (_, index) =>
      eureka.register({ appName: 'users', instanceId: String(index), leaseExpirationMs: 90_000 }),
    )
    for (let half = 0; half < 16; half++) {
      await Promise.all(ids.slice(half < 6 ? 0 : 1).map((id) => json('PUT', `${eureka.url}apps/users/${id}`)))
      await clock.advance(30_000)
    }

    expect(eureka.instances).toHaveLength(19)
  })

  it('evicts 15 % at a time by chance, always the same ones of a seed', async () => {
    const survivors = async (seed: number): Promise<unknown[]> => {
      const clock = new SimClock()
      const eureka = await lab.start({ clock, random: seededRandom(seed) })
      for (let index = 0; index < 20; index++)
        eureka.register({ appName: 'users', instanceId: String(index), leaseExpirationMs: 1_000 })
      await clock.advance(1_500)
      return eureka.instances.map(({ instanceId }) => instanceId)
    }

    const first = await survivors(1)

    expect(first).toHaveLength(17)
    expect(await survivors(1)).toEqual(first)
    expect(await survivors(2)).not.toEqual(first)
  })
})

describe('the delta', () => {
  it('forgets what is older than its retention, so that only the hash tells', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ clock, deltaRetentionMs: 6_000, responseCacheExpiryMs: 2_000 })
    eureka.register({ appName: 'users', instanceId: 'a' })
    const id = eureka.register({ appName: 'users', instanceId: 'b' })
    eureka.cancel(id)

    await clock.advance(10_000)
    const delta = await list(`${eureka.url}apps/delta`)

    expect(lines(delta)).toEqual([])
    expect(delta.apps__hashcode).toBe('UP_1_')
  })

  it('is answered from its page, though purged, until that expires or something changes', async () => {
    const clock = new SimClock()
    const eureka = await lab.start({ clock, deltaRetentionMs: 1_000 })
    eureka.register({ appName: 'users', instanceId: 'a' })
    await list(`${eureka.url}apps/delta`)

    await clock.advance(10_000)
    expect(lines(await list(`${eureka.url}apps/delta`))).toEqual(['USERS/a UP ADDED'])
    await clock.advance(170_000)
    expect(lines(await list(`${eureka.url}apps/delta`))).toEqual([])
  })

  it('can be switched off and on again', async () => {
    const eureka = await lab.start()
    const status = async (): Promise<number> => (await json('GET', `${eureka.url}apps/delta`)).status

    eureka.update({ disableDelta: true })
    expect(await status()).toBe(403)
    eureka.update({ disableDelta: false })
    expect(await status()).toBe(200)
  })
})
