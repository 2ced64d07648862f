import { describe, expect, it } from 'vitest'
import { registration } from '../eureka.model.js'
import type { PageKey } from './response-cache.js'
import { ResponseCache } from './response-cache.js'
import { readRegistration, UNPARSABLE } from './read-instance.js'
import { routeOf } from './router.js'

const read = (fields: Record<string, unknown>): object => readRegistration(registration(fields), 'USERS', 7)

describe('a registration', () => {
  it.each<[string, Record<string, unknown>, object]>([
    ['a port without a number', { port: { '@enabled': 'true' } }, { port: { number: 7_001, enabled: true } }],
    [
      'a secure port without a number',
      { securePort: { '@enabled': true } },
      { securePort: { number: 7_002, enabled: true } },
    ],
    ['a port that is open or not', { port: { $: 80 } }, { port: { number: 80, enabled: true } }],
    ['a broken port number', { port: { $: 80.5 } }, { port: { number: 0, enabled: true } }],
    ['a lease without a duration', { leaseInfo: {} }, { durationSecs: 90, renewalIntervalSecs: 30 }],
    ['a lease of nothing', { leaseInfo: { durationInSecs: 0 } }, { durationSecs: 90 }],
    ['a lease of a second', { leaseInfo: { durationInSecs: 1 } }, { durationSecs: 1 }],
    ['a port of null', { port: null }, { port: { number: 7_001, enabled: true } }],
    ['a status of null', { status: null }, { status: 'UP' }],
    ['a VIP that is called unknown', { vipAddress: 'unknown' }, { texts: { vipAddress: 'unknown' } }],
    ['metadata of null', { metadata: null }, { metadata: {} }],
    ['a stamp of null', { lastDirtyTimestamp: null }, { lastDirtyTimestamp: 7 }],
    [
      'an Amazon id',
      {
        instanceId: undefined,
        dataCenterInfo: { '@class': 'c', name: 'Amazon', metadata: { 'instance-id': 'i-1' } },
      },
      { id: 'i-1' },
    ],
  ])('with %s is read', (_, fields, expected) => {
    expect(read(fields)).toMatchObject({ info: expected })
  })

  it.each([
    ['na', undefined],
    ['unknown', undefined],
    ['s-1', 's-1'],
  ])('with the sid %s has the sid %s', (sid, expected) => {
    const { info } = read({ sid }) as { info: { texts: { sid?: string } } }

    expect(info.texts.sid).toBe(expected)
    expect('sid' in info.texts).toBe(expected !== undefined)
  })

  it.each([
    ['hostName', { a: 1 }],
    ['hostName', ['h']],
    ['vipAddress', ['a']],
    ['dataCenterInfo', []],
  ])('whose %s is %o cannot be parsed', (field, value) => {
    expect(read({ [field]: value })).toEqual({ refusal: UNPARSABLE })
  })

  it('passes on an error that is none of its own', () => {
    const body = {
      get instance(): never {
        throw new RangeError('not a matter of parsing')
      },
    }

    expect(() => readRegistration(body, 'USERS', 7)).toThrow(RangeError)
  })
})

describe('a path', () => {
  it.each(['/eureka/v2/apps/A/a/status/more', '/eureka/v2/status/a/b/c/d'])(
    'that goes on too long, %s, is not there',
    (path) => {
      expect(routeOf('GET', path, 'netflix')).toMatchObject({ route: 'other', refusal: 404 })
    },
  )
})

describe('the pages of a secure VIP', () => {
  it('are made anew when an instance that has it changes, in full form only', () => {
    const cache = new ResponseCache({ expiryMs: 100, hasCopies: false })
    let loads = 0
    const bodyOf = (name: string, accept: PageKey['accept'] = 'full'): string | undefined =>
      cache.get({ entity: 'svip', name, format: 'xml', accept }, 0, () => ({ body: String(++loads) })).body
    expect([bodyOf('safe'), bodyOf('other'), bodyOf('safe', 'compact')]).toEqual(['1', '2', '3'])

    cache.invalidate('USERS', undefined, 'safe')

    expect([bodyOf('safe'), bodyOf('other'), bodyOf('safe', 'compact')]).toEqual(['4', '2', '3'])
  })
})
