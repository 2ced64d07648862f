import axios from 'axios'
import type { AxiosRequestConfig } from 'axios'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { axiosUrl } from './axios-url.js'

/** As axios says it. */
function expectedOf(config: AxiosRequestConfig): string {
  return new URL(axios.create().getUri(config)).href
}

const baseURL = 'http://users/base//'
const nested = {
  list: [1, 'b'],
  'bare[]': [1],
  deep: { of: [1, { x: null, y: 2 }] },
  rows: [{ a: 1 }, { a: 2 }],
}

test.each<[string, AxiosRequestConfig]>([
  ['a whole URL', { url: 'http://users/whole', baseURL: 'http://elsewhere.invalid' }],
  ['a part behind a base', { url: '/part/', baseURL: 'http://users/base//' }],
  ['a base alone', { baseURL: 'http://users/base' }],
  [
    'a whole URL that may not be one',
    { url: 'http://elsewhere.invalid/', baseURL, allowAbsoluteUrls: false },
  ],
  [
    'values of all kinds',
    { url: '/', baseURL, params: { at: new Date(0), no: undefined, none: null, is: true } },
  ],
  [
    'what is to be encoded, and what is not',
    { url: '/', baseURL, params: { 'a b&': 'x:y$z,+[\u{e9}] /?#' } },
  ],
  ['lists and objects', { url: '/', baseURL, params: nested }],
  [
    'objects as JSON',
    { url: '/', baseURL, params: { 'one{}': nested, 'two{}': new Date(0), 'three{}': 'text' } },
  ],
  ['lists by number', { url: '/', baseURL, params: nested, paramsSerializer: { indexes: true } }],
  ['lists by name alone', { url: '/', baseURL, params: nested, paramsSerializer: { indexes: null } }],
  ['parameters that are one text', { url: '/', baseURL, params: new URLSearchParams('a=b c&a=d') }],
  ['a serializer', { url: '/', baseURL, params: nested, paramsSerializer: { serialize: () => 'my=own' } }],
  [
    'an encoder',
    {
      url: '/',
      baseURL,
      params: { a: 'b c' },
      paramsSerializer: { encode: (text: string) => text.toUpperCase() },
    },
  ],
  ['more behind a query', { url: '/?a=1', baseURL, params: { b: 2 } }],
])('%s', (_what, config) => {
  expect(axiosUrl(config as Parameters<typeof axiosUrl>[0]).href).toBe(expectedOf(config))
})

test('whatever the parameters, they are written as axios writes them', () => {
  const name = fc.stringMatching(/^[a-z.:%&é]{1,5}(\{\})?$/)
  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined))
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    ),
  }))

  fc.assert(
    fc.property(
      fc.dictionary(name, value),
      fc.constantFrom(undefined, null, true, false),
      (params, indexes) => {
        const config = { url: 'http://users/', params, paramsSerializer: { indexes: indexes ?? null } }

        expect(axiosUrl(config).href).toBe(expectedOf(config as AxiosRequestConfig))
      },
    ),
  )
})
