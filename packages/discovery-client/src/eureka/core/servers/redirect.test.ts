import { expect, test } from 'vitest'
import { judgeRedirect } from './redirect.js'
import type { RedirectQuestion } from './redirect.js'

const FROM = 'https://a.example/eureka/apps/delta'
const TO = 'https://b.example/eureka/apps/delta'
const QUESTION: RedirectQuestion = {
  from: FROM,
  path: 'apps/delta',
  location: TO,
  known: new Set(['https://b.example']),
  policy: 'known',
  visited: new Set([FROM]),
  maxHops: 2,
}

test.each<[string, Partial<RedirectQuestion>]>([
  ['it does not say where to', { location: undefined }],
  ['its target is no URL', { location: 'https://' }],
  ['its target is no URL', { location: `${TO}?${'x'.repeat(4_096 - TO.length)}` }],
  ['redirects are switched off', { policy: 'none' }],
  ['its target is not HTTP', { policy: 'any', location: 'ftp://b.example/eureka/apps/delta' }],
  ['its target is less secure', { policy: 'any', location: TO.replace('https', 'http') }],
  ['its target carries credentials', { location: TO.replace('//', '//user@') }],
  ['its target carries credentials', { location: TO.replace('//', '//:secret@') }],
  ['its target is no server of the list', { location: TO.replace('//b', '//c') }],
  ['2 hops did not lead to an answer', { visited: new Set([FROM, 'x', 'y']) }],
  ['it leads in a circle', { visited: new Set([FROM, TO]) }],
  ['its target is another resource', { location: 'https://b.example/login' }],
])('refuses a redirect because %s', (reason, more) => {
  expect(judgeRedirect({ ...QUESTION, ...more })).toEqual({ kind: 'refuse', reason })
})

test.each<[string, Partial<RedirectQuestion>]>([
  ['that is as long as may be', { location: `${TO}?${'x'.repeat(4_095 - TO.length)}` }],
  ['after as many hops as may be', { visited: new Set([FROM, 'x']) }],
  ['with a slash at its end', { location: `${TO}/` }],
  ['from an insecure place', { from: FROM.replace('https', 'http') }],
])('follows a redirect %s', (_what, more) => {
  expect(judgeRedirect({ ...QUESTION, ...more })).toMatchObject({ kind: 'follow', basePath: '/eureka/' })
})
