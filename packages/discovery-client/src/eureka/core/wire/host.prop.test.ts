import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hostInUrl, readHost } from './host.js'

it('S3: what is taken stays the host of the URL, whatever it is', () => {
  const odd = fc.string({ unit: fc.constantFrom(...'aZ09.:-_@#/\\?%[]x ü\n'), maxLength: 12 })
  fc.assert(
    fc.property(fc.oneof(odd, fc.domain(), fc.ipV4(), fc.ipV6(), fc.string({ unit: 'binary' })), (text) => {
      const host = readHost(text)
      if (host === undefined) return

      const url = new URL(`http://${hostInUrl(host)}:81/path`)

      expect(url.href).toBe(`http://${hostInUrl(host).toLowerCase()}:81/path`)
    }),
    { numRuns: 3_000 },
  )
}, 60_000)
