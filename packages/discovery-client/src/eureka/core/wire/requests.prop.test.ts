import { InvalidOptionsError } from '@breakwater/kernel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cancelRequest } from './requests.js'

it('S3 S5: an id is one segment of the path, whatever it is, and comes back as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (instanceId) => {
      let path: string
      try {
        path = cancelRequest({ app: 'A', instanceId }).path
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidOptionsError)
        return
      }
      const { pathname, search, hash, origin } = new URL(path, 'http://h/eureka/')

      expect([origin, search, hash]).toEqual(['http://h', '', ''])
      expect(pathname.split('/').map(decodeURIComponent)).toEqual(['', 'eureka', 'apps', 'A', instanceId])
    }),
    { numRuns: 500 },
  )
}, 60_000)
