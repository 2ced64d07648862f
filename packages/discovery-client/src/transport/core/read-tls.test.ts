import { readOptions } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import type { TlsOptions } from '../connections.js'
import { readTls } from './read-tls.js'

function read(options: object): { tls: TlsOptions | undefined; issues: string[] } {
  const reader = readOptions('Source', options, ['tls'])
  const tls = readTls(reader)
  return { tls, issues: reader.issues.map(({ path, expected }) => `${path}: ${expected}`) }
}

test('takes what is given, and nothing else', () => {
  const ca = Buffer.from('ca')

  const { tls, issues } = read({ tls: { ca, passphrase: 'secret', minVersion: 'TLSv1.3' } })

  expect(tls).toStrictEqual({ ca, passphrase: 'secret', minVersion: 'TLSv1.3' })
  expect(Object.isFrozen(tls)).toBe(true)
  expect(issues).toEqual([])
  expect(read({}).tls).toBeUndefined()
})

test.each(['TLSv1.2', 'TLSv1.3'])('lets %s be the least version', (minVersion) => {
  expect(read({ tls: { minVersion } })).toEqual({ tls: { minVersion }, issues: [] })
})

test('says what is wrong, and knows no way around the check of certificates', () => {
  expect(read({ tls: { passphrase: 5, minVersion: 'TLSv1', rejectUnauthorized: false } }).issues).toEqual([
    'tls.rejectUnauthorized: a known option',
    'tls.passphrase: a string of 0 to 1000 characters',
    'tls.minVersion: one of "TLSv1.2", "TLSv1.3"',
  ])
})
