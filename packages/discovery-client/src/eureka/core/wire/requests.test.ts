import { InvalidOptionsError } from '@breakwater/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { info } from '../registry/registry.model.js'
import {
  applicationRequest,
  asgRequest,
  cancelRequest,
  deltaRequest,
  fullRequest,
  heartbeatRequest,
  instanceRequest,
  judgeAnswer,
  metadataRequest,
  overridesRequest,
  registerRequest,
  removeStatusRequest,
  serverStatusRequest,
  setStatusRequest,
  vipRequest,
} from './requests.js'
import type { AnswerVerdict, EurekaOperation, EurekaRequest } from './requests.js'

const KEY = { app: 'A B', instanceId: 'h:1 %?+;ü' }
const PATH = 'apps/A%20B/h%3A1%20%25%3F%2B%3B%C3%BC'
const line = ({ method, path }: EurekaRequest): string => `${method} ${path}`

describe('requests', () => {
  it.each([
    [registerRequest(info('i')), 'POST apps/A'],
    [
      heartbeatRequest({ ...KEY, status: 'UP', lastDirtyTimestamp: 7, overriddenStatus: 'UNKNOWN' }),
      `PUT ${PATH}?status=UP&lastDirtyTimestamp=7`,
    ],
    [
      heartbeatRequest({ ...KEY, status: 'UP', lastDirtyTimestamp: 7, overriddenStatus: 'DOWN' }),
      `PUT ${PATH}?status=UP&lastDirtyTimestamp=7&overriddenstatus=DOWN`,
    ],
    [cancelRequest(KEY), `DELETE ${PATH}`],
    [
      setStatusRequest({ ...KEY, status: 'OUT_OF_SERVICE', lastDirtyTimestamp: 7 }),
      `PUT ${PATH}/status?value=OUT_OF_SERVICE&lastDirtyTimestamp=7`,
    ],
    [removeStatusRequest({ ...KEY, lastDirtyTimestamp: 7 }), `DELETE ${PATH}/status?lastDirtyTimestamp=7`],
    [
      removeStatusRequest({ ...KEY, status: 'UP', lastDirtyTimestamp: 7 }),
      `DELETE ${PATH}/status?value=UP&lastDirtyTimestamp=7`,
    ],
    [metadataRequest(KEY, { 'a&b': 'c=d +' }), `PUT ${PATH}/metadata?a%26b=c%3Dd%20%2B`],
    [fullRequest(), 'GET apps/'],
    [fullRequest(['a', 'b c']), 'GET apps/?regions=a,b%20c'],
    [deltaRequest(), 'GET apps/delta'],
    [deltaRequest(['a']), 'GET apps/delta?regions=a'],
    [vipRequest('v,w'), 'GET vips/v%2Cw'],
    [vipRequest('v', { secure: true, regions: ['a'] }), 'GET svips/v?regions=a'],
    [applicationRequest('A'), 'GET apps/A'],
    [instanceRequest(KEY), `GET ${PATH}`],
    [instanceRequest({ instanceId: 'i' }), 'GET instances/i'],
    [serverStatusRequest(), 'GET status'],
    [overridesRequest(), 'GET serverinfo/statusoverrides'],
    [asgRequest('g', 'DISABLED'), 'PUT asg/g/status?value=DISABLED'],
  ])('%# is written as servers take it', (request, expected) => {
    expect(line(request)).toBe(expected)
  })

  it.each(['', '.', '..', 'a/b', 'a\\b', 'a\nb', 'a\u0000', '\ud800'])(
    'S5: refuses the id %j',
    (instanceId) => {
      expect(() => cancelRequest({ app: 'A', instanceId })).toThrow(InvalidOptionsError)
      expect(() => applicationRequest(instanceId)).toThrow(InvalidOptionsError)
    },
  )

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
})

describe('answers', () => {
  it.each<[EurekaOperation, number, AnswerVerdict]>([
    ['register', 204, 'success'],
    ['register', 400, 'next-server'],
    ['register', 404, 'next-server'],
    ['register', 302, 'redirect'],
    ['heartbeat', 200, 'success'],
    ['heartbeat', 404, 'unknown-instance'],
    ['heartbeat', 500, 'next-server'],
    ['cancel', 404, 'success'],
    ['cancel', 500, 'success'],
    ['full', 200, 'success'],
    ['full', 302, 'redirect'],
    ['full', 307, 'next-server'],
    ['full', 403, 'next-server'],
    ['full', 404, 'next-server'],
    ['full', 503, 'next-server'],
    ['delta', 403, 'no-delta'],
    ['delta', 404, 'no-delta'],
    ['delta', 503, 'next-server'],
    ['delta', 401, 'next-server'],
    ['vip', 404, 'next-server'],
    ['instance', 404, 'absent'],
    ['application', 404, 'absent'],
    ['set-status', 404, 'absent'],
    ['application', 403, 'next-server'],
  ])('%s %i means %s', (operation, status, verdict) => {
    expect(judgeAnswer(operation, status)).toBe(verdict)
  })
})
