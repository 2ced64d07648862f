import { InvalidOptionsError } from '@breakwater/kernel'
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
import type { AnswerVerdict, EurekaOperation, EurekaRequest, InstanceKey } from './requests.js'
import { writeRegistration } from './write-instance.js'

const KEY = { app: 'A B', instanceId: 'h:1 %?+;ü' }
const PATH = 'apps/A%20B/h%3A1%20%25%3F%2B%3B%C3%BC'
const NAME = 'a name without slashes, backslashes and control characters'
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

  it.each<[EurekaOperation, EurekaRequest]>([
    ['register', registerRequest(info('i'))],
    ['heartbeat', heartbeatRequest({ ...KEY, status: 'UP', lastDirtyTimestamp: 7 })],
    ['cancel', cancelRequest(KEY)],
    ['set-status', setStatusRequest({ ...KEY, status: 'UP', lastDirtyTimestamp: 7 })],
    ['remove-status', removeStatusRequest({ ...KEY, lastDirtyTimestamp: 7 })],
    ['metadata', metadataRequest(KEY, {})],
    ['full', fullRequest()],
    ['delta', deltaRequest()],
    ['vip', vipRequest('v')],
    ['application', applicationRequest('A')],
    ['instance', instanceRequest(KEY)],
    ['server-status', serverStatusRequest()],
    ['overrides', overridesRequest()],
    ['asg', asgRequest('g', 'ENABLED')],
  ])('say what they are: %s', (operation, request) => {
    expect(request.operation).toBe(operation)
    expect(request.body).toEqual(operation === 'register' ? writeRegistration(info('i')) : undefined)
  })

  it.each<[string, unknown, string, () => unknown]>([
    ['app', 'a/b', NAME, () => applicationRequest('a/b')],
    ['app', '', NAME, () => registerRequest(info('i', { app: '' }))],
    ['app', undefined, NAME, () => cancelRequest({ instanceId: 'i' } as InstanceKey)],
    ['instanceId', '..', NAME, () => cancelRequest({ app: 'A', instanceId: '..' })],
    ['instanceId', 5, NAME, () => instanceRequest({ instanceId: 5 as unknown as string })],
    ['vip', '', NAME, () => vipRequest('')],
    ['asgName', '.', NAME, () => asgRequest('.', 'ENABLED')],
    ['regions', '\ud800', 'a text', () => fullRequest(['\ud800'])],
    ['a', 5, 'a text', () => metadataRequest(KEY, { a: 5 as unknown as string })],
  ])('say that %s may not be %j', (path, received, expected, make) => {
    expect(make).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('EurekaClient') as string,
        issues: [{ path, received, expected }],
      }),
    )
  })

  it.each(['', '.', '..', 'a/b', 'a\\b', 'a\nb', 'a\u0000', '\ud800'])(
    'S5: refuses the id %j',
    (instanceId) => {
      expect(() => cancelRequest({ app: 'A', instanceId })).toThrow(InvalidOptionsError)
      expect(() => applicationRequest(instanceId)).toThrow(InvalidOptionsError)
    },
  )
})

describe('answers', () => {
  it.each<[EurekaOperation, number, AnswerVerdict]>([
    ['register', 204, 'success'],
    ['register', 199, 'next-server'],
    ['register', 299, 'success'],
    ['register', 300, 'next-server'],
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
    ['metadata', 404, 'absent'],
    ['heartbeat', 403, 'next-server'],
    ['heartbeat', 302, 'redirect'],
    ['application', 403, 'next-server'],
  ])('%s %i means %s', (operation, status, verdict) => {
    expect(judgeAnswer(operation, status)).toBe(verdict)
  })
})
