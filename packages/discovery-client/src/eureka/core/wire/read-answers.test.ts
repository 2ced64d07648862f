import { describe, expect, it } from 'vitest'
import { readInstanceAnswer } from './read-applications.js'
import { DEFAULT_READ_LIMITS } from './read-parts.js'
import { WIRE_INSTANCE } from './wire.model.js'

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
