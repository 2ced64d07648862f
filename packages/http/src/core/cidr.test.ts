import { expect, test } from 'vitest'
import { parseCidr } from './cidr.js'

test.each([
  ['10.0.0.0/8', { address: '10.0.0.0', bits: 8 }],
  ['::/0', { address: '::', bits: 0 }],
  ['2001:db8::/128', { address: '2001:db8::', bits: 128 }],
  ['10.0.0.1', { address: '10.0.0.1', bits: undefined }],
  ['anything', { address: 'anything', bits: undefined }],
])('%s is read', (text, expected) => {
  expect(parseCidr(text)).toEqual(expected)
})

test.each([
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/08',
  '10.0.0.0/8/8',
  '10.0.0.0/8 ',
  '10.0.0.0/1000',
  '10.0.0.0/٣',
])('%j is no range', (text) => {
  expect(parseCidr(text)).toBeUndefined()
})
