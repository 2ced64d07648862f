import { describe, expect, test } from 'vitest'
import { instanceInfoOf } from '../core/options/resolve-instance.js'
import { resolveEurekaOptions } from '../core/options/resolve-client.js'
import { LocalInstance } from './local-instance.js'

function localInstance(metadata: Record<string, string> = {}): LocalInstance {
  const { instance } = resolveEurekaOptions({
    serviceUrls: ['http://h/'],
    instance: { appName: 'users', metadata },
  })
  return new LocalInstance(instanceInfoOf(instance!, { hostName: 'h', ipAddr: '10.0.0.1' }))
}

describe('our own instance', () => {
  test('is sent with whole stamps, because servers refuse others', () => {
    const sent = localInstance().stamped(1_000, 1_234.56)

    expect(sent).toMatchObject({ lastDirtyTimestamp: 1_000, lastUpdatedTimestamp: 1_234 })
  })

  test('is a new object with each change, so that a body under way stays as it was', () => {
    const instance = localInstance({ a: '1', b: '2' })
    const before = instance.info

    expect(instance.setMetadata({ a: '3', b: undefined, c: '4' })).toBe(true)
    expect(instance.setStatus('DOWN', 'UNKNOWN')).toBe(true)

    expect({ ...before.metadata }).toEqual({ a: '1', b: '2' })
    expect({ ...instance.info.metadata }).toEqual({ a: '3', c: '4' })
    expect(Object.getPrototypeOf(instance.info.metadata)).toBeNull()
    expect([before.status, instance.status]).toEqual(['UP', 'DOWN'])
  })

  test('knows when nothing changes', () => {
    const instance = localInstance({ a: '1' })

    expect(instance.setMetadata({ a: '1', b: undefined })).toBe(false)
    expect(instance.setStatus('UP', 'UNKNOWN')).toBe(false)
  })
})
