import { describe, expect, it } from 'vitest'
import { info } from './registry.model.js'
import { toInstance } from './to-instance.js'

const both = info('a', { securePort: { number: 8443, enabled: true } })

describe('an instance for balancers', () => {
  it('has its address, zone, weight and metadata', () => {
    const metadata = { zone: 'z1', weight: '2.5' }

    expect(toInstance(info('a', { metadata, status: 'DOWN' }))).toEqual({
      id: 'a',
      host: 'h',
      port: 80,
      secure: false,
      zone: 'z1',
      status: 'DOWN',
      metadata,
      weight: 2.5,
    })
  })

  it('uses the secure port if wanted, or if it is the only one that is open', () => {
    expect(toInstance(both)).toMatchObject({ port: 80, secure: false })
    expect(toInstance(both, { preferSecure: true })).toMatchObject({ port: 8443, secure: true })
    expect(toInstance({ ...both, port: { number: 80, enabled: false } })).toMatchObject({
      port: 8443,
      secure: true,
    })
    expect(toInstance(info('a'), { preferSecure: true })).toMatchObject({ port: 80, secure: false })
  })

  it('is none without an open port', () => {
    expect(toInstance(info('a', { port: { number: 80, enabled: false } }))).toBeUndefined()
    expect(toInstance(info('a', { port: { number: 0, enabled: true } }))).toBeUndefined()
  })

  it('is addressed by IP if wanted and known', () => {
    expect(toInstance(both, { useIp: true })?.host).toBe('10.0.0.1')
    expect(toInstance({ ...both, ipAddr: '' }, { useIp: true })?.host).toBe('h')
  })

  it.each(['0', '123456', '0.123456', '123456.5'])('weighs what its weight %j says', (weight) => {
    expect(toInstance(info('a', { metadata: { weight } }))?.weight).toBe(Number(weight))
  })

  it.each(['', '-1', '1e9', 'NaN', 'Infinity', '0x1', '1234567', '1.', '.5', '0.1234567', '1 ', ' 1'])(
    'weighs 1 with the weight %j',
    (weight) => {
      expect(toInstance(info('a', { metadata: { weight } }))?.weight).toBe(1)
    },
  )
})
