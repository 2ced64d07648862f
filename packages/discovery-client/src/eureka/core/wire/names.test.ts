import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { readInstance } from './read-instance.js'
import { DEFAULT_READ_LIMITS } from './read-parts.js'
import { deltaRequest, fullRequest, metadataRequest, vipRequest } from './requests.js'

describe('an instance of which no application is known', () => {
  it.each([[undefined], [''], [5], ['a\nb']])('because its name is %o is dropped, with its status', (app) => {
    const raw = { app, instanceId: 'a', hostName: 'h', status: 'DOWN' }

    expect(readInstance(raw, undefined, DEFAULT_READ_LIMITS)).toMatchObject({
      kind: 'dropped',
      reason: 'bad-app',
      app: undefined,
      instanceId: 'a',
      status: 'DOWN',
    })
  })
})

describe('regions in a request', () => {
  it('are separated by commas, and absent without any', () => {
    expect(fullRequest(['a', 'b&c']).path).toBe('apps/?regions=a,b%26c')
    expect(deltaRequest(['a']).path).toBe('apps/delta?regions=a')
    expect(vipRequest('v', { regions: ['a'] }).path).toBe('vips/v?regions=a')
    expect(fullRequest().path).toBe('apps/')
  })

  it.each([['\ud800'], [5 as unknown as string], [undefined as unknown as string]])(
    'such as %o cannot be written, and are refused',
    (region) => {
      expect(() => fullRequest([region])).toThrow(InvalidOptionsError)
      expect(() => deltaRequest(['a', region])).toThrow(
        expect.objectContaining({
          issues: [expect.objectContaining({ path: 'regions', expected: 'a text' })],
        }),
      )
    },
  )
})

describe('metadata in a request', () => {
  const key = { app: 'A', instanceId: 'i' }

  it('is a query, and none where there is nothing to say', () => {
    expect(metadataRequest(key, { 'a b': 'c&d', e: '' }).path).toBe('apps/A/i/metadata?a%20b=c%26d&e=')
    expect(metadataRequest(key, {}).path).toBe('apps/A/i/metadata')
  })

  it.each([
    ['\ud800', 'a'],
    ['a', '\udfff'],
  ])('that cannot be written (%o: %o) is refused', (name, value) => {
    expect(() => metadataRequest(key, { [name]: value })).toThrow(InvalidOptionsError)
  })
})
