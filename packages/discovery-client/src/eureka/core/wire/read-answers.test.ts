import { describe, expect, it } from 'vitest'
import { readApplications, readInstanceAnswer } from './read-applications.js'
import { DEFAULT_READ_LIMITS } from './read-parts.js'
import { answerWith, readAnswer, WIRE_INSTANCE } from './wire.model.js'

const read = (instance: unknown): ReturnType<typeof readInstanceAnswer> =>
  readInstanceAnswer({ instance }, DEFAULT_READ_LIMITS)
const AMAZON = { name: 'Amazon', metadata: { 'instance-id': 'i-0a1b', 'local-ipv4': '10.0.0.9' } }

describe('the answer about an instance', () => {
  it.each([[undefined], [null], ['text'], [[]], [{}], [{ instance: 7 }]])('is none when it is %j', (json) => {
    expect(readInstanceAnswer(json, DEFAULT_READ_LIMITS)).toBeUndefined()
  })

  it('knows an instance of Amazon by the id that it has there, where it has no other', () => {
    const { instanceId: _without, ...rest } = WIRE_INSTANCE

    expect(read({ ...rest, dataCenterInfo: AMAZON })).toMatchObject({
      instanceId: 'i-0a1b',
      dataCenterInfo: AMAZON,
    })
    expect(read(rest)?.instanceId).toBe('h1')
  })

  it.each(['Netflix', 'MyOwn'])('keeps the data center %s', (name) => {
    expect(read({ ...WIRE_INSTANCE, dataCenterInfo: { name } })?.dataCenterInfo).toEqual({ name })
  })

  it('takes a data center that nobody knows for an own one', () => {
    expect(read({ ...WIRE_INSTANCE, dataCenterInfo: { name: 'Moon' } })?.dataCenterInfo).toEqual({
      name: 'MyOwn',
    })
  })
})

describe('an instance', () => {
  it('says nothing of what was not said', () => {
    const short = { instanceId: 'a', hostName: 'h', app: 'A' }

    expect(Object.keys(read(short)!).sort()).toEqual([
      'app',
      'dataCenterInfo',
      'hostName',
      'instanceId',
      'ipAddr',
      'isCoordinatingDiscoveryServer',
      'metadata',
      'overriddenStatus',
      'port',
      'securePort',
      'status',
    ])
    expect(Object.keys(read({ ...short, leaseInfo: {} })!.leaseInfo!)).toEqual([
      'renewalIntervalMs',
      'durationMs',
    ])
  })

  it('leaves out nothing where nothing is', () => {
    const bare = { ...WIRE_INSTANCE, homePageUrl: null, statusPageUrl: '', vipAddress: '', sid: null }

    expect(readAnswer(answerWith([bare])).omitted).toBe(0)
    expect(readAnswer(answerWith([{ ...bare, sid: 5, statusPageUrl: 'x' }])).omitted).toBe(2)
  })

  it.each(['ADDED', 'MODIFIED', 'DELETED', 'OTHER'])('that is dropped was %s', (actionType) => {
    const [entry] = readAnswer(answerWith([{ ...WIRE_INSTANCE, hostName: 'a b', actionType }])).entries

    expect(entry).toMatchObject({
      kind: 'dropped',
      actionType: actionType === 'OTHER' ? undefined : actionType,
    })
  })
})

describe('a list', () => {
  const metadata = Object.fromEntries(Array.from({ length: 100 }, (_, key) => [`key-${String(key)}`, '']))
  const large = answerWith(Array.from({ length: 10 }, () => ({ ...WIRE_INSTANCE, metadata })))

  it('is read in steps that count what is left out, too', () => {
    expect([...readApplications(large, DEFAULT_READ_LIMITS)]).toHaveLength(9)
    expect(readAnswer(large).omitted).toBe(360)
  })

  it('has a hash of up to 512 characters', () => {
    const hashOf = (length: number): string | undefined =>
      readAnswer({ applications: { apps__hashcode: 'x'.repeat(length) } }).appsHashCode

    expect([hashOf(512)?.length, hashOf(513)]).toEqual([512, undefined])
  })

  it('has the names of its applications, as far as they are names', () => {
    const { app: _own, ...nameless } = WIRE_INSTANCE
    const namesOf = (application: object): unknown[] =>
      readAnswer({ applications: { application } }).entries.map((entry) =>
        entry.kind === 'instance' ? entry.info.app : entry.reason,
      )

    expect(namesOf({ name: 'svc', instance: nameless })).toEqual(['SVC'])
    expect(namesOf({ name: 5, instance: nameless })).toEqual(['bad-app'])
    expect(namesOf({ name: 'x'.repeat(256), instance: [nameless] })).toEqual(['X'.repeat(256)])
    expect(namesOf({ name: 'x'.repeat(257), instance: [nameless] })).toEqual(['bad-app'])
  })
})
