import { describe, expect, it } from 'vitest'
import { registration } from '../eureka.model.js'
import { info, KEY } from './registry.model.js'
import { applyBatch, followUp, wireReplication } from './replication.js'
import { emptyState } from './server.model.js'
import type { ServerState } from './server-state.js'

/** A server that knows `USERS/a`, changed last at 1 000. */
function knowing(): ServerState {
  const state = emptyState()
  state.registry.register(info(), { now: 0 })
  return state
}

/** The answer to a single entry. */
function answerTo(state: ServerState, entry: unknown, now = 0): Readonly<Record<string, unknown>> {
  const { responseList } = applyBatch(state, { replicationList: [entry] }, now)
  return (responseList as Record<string, unknown>[])[0]!
}

const change = (action: string, more: object = {}): object => ({ appName: 'users', id: 'a', action, ...more })
const statusOf = (state: ServerState): unknown => state.registry.lease(KEY)?.info.status

describe('an entry of a batch', () => {
  it.each(['Heartbeat', 'Cancel', 'StatusUpdate', 'DeleteStatusOverride'])(
    'that is a %s of an instance nobody knows is answered with 404',
    (action) => {
      expect(answerTo(emptyState(), change(action))).toEqual({ statusCode: 404 })
    },
  )

  it('registers an instance, and is answered with 400 when it cannot be read', () => {
    const state = emptyState()
    const { instance } = registration()

    expect(answerTo(state, change('Register', { instanceInfo: instance }))).toEqual({ statusCode: 200 })
    expect(state.registry.all()).toHaveLength(1)
    expect(answerTo(state, change('Register'))).toEqual({ statusCode: 400 })
  })

  it('registers it with the status it has there, also where a client would not change it', () => {
    const state = knowing()
    const { instance } = registration({
      instanceId: 'a',
      status: 'OUT_OF_SERVICE',
      lastDirtyTimestamp: '1001',
    })

    answerTo(state, change('Register', { instanceInfo: instance }))

    expect(statusOf(state)).toBe('OUT_OF_SERVICE')
  })

  it('takes an instance away, with the application that it was the last of', () => {
    const state = knowing()

    expect(answerTo(state, change('Cancel'))).toEqual({ statusCode: 200 })
    expect(state.registry.all()).toEqual([])
  })

  it('sets a status, with the stamp of the peer where that is later', () => {
    const state = knowing()

    const entry = change('StatusUpdate', { status: 'DOWN', lastDirtyTimestamp: '2000' })
    expect(answerTo(state, entry)).toEqual({ statusCode: 200 })
    expect(state.registry.lease(KEY)?.info).toMatchObject({ status: 'DOWN', lastDirtyTimestamp: 2_000 })

    const unstamped = change('StatusUpdate', { status: 'UP', lastDirtyTimestamp: null })
    expect(answerTo(state, unstamped)).toEqual({ statusCode: 200 })
    expect(state.registry.lease(KEY)?.info).toMatchObject({ status: 'UP', lastDirtyTimestamp: 2_000 })
  })

  it('that sets a status nobody knows sets UNKNOWN', () => {
    const state = knowing()

    answerTo(state, change('StatusUpdate', { status: 'SLEEPING' }))

    expect(statusOf(state)).toBe('UNKNOWN')
  })

  it('takes an override away', () => {
    const state = knowing()
    state.registry.setStatus(KEY, 'OUT_OF_SERVICE', 0)

    const entry = change('DeleteStatusOverride', { status: 'UP', lastDirtyTimestamp: 3_000 })
    expect(answerTo(state, entry)).toEqual({ statusCode: 200 })
    expect(state.registry.overrides.all(0)).toEqual({})
    expect(state.registry.lease(KEY)?.info).toMatchObject({ status: 'UP', lastDirtyTimestamp: 3_000 })

    state.registry.setStatus(KEY, 'OUT_OF_SERVICE', 0)
    expect(answerTo(state, change('DeleteStatusOverride'))).toEqual({ statusCode: 200 })
    expect(state.registry.lease(KEY)?.info).toMatchObject({ status: 'UNKNOWN', lastDirtyTimestamp: 3_000 })
  })

  it.each([['Sleep'], [undefined]])('with the action %s is answered with 500', (action) => {
    expect(answerTo(knowing(), { ...change(''), action })).toEqual({ statusCode: 500 })
  })

  it.each([[null], [[]], ['text'], [7]])('that is %o is answered with 500', (entry) => {
    expect(answerTo(knowing(), entry)).toEqual({ statusCode: 500 })
  })
})

describe('a replicated heartbeat', () => {
  it.each([
    ['without a stamp', undefined, 200],
    ['with none', null, 200],
    ['with the stamp that is known', 1_000, 200],
    ['with a newer one', 1_001, 404],
  ])('%s (%s) is answered with %s', (_, lastDirtyTimestamp, statusCode) => {
    expect(answerTo(knowing(), change('Heartbeat', { lastDirtyTimestamp }))).toEqual({ statusCode })
  })

  it('with an older stamp is answered with what is known here', () => {
    const answer = answerTo(knowing(), change('Heartbeat', { lastDirtyTimestamp: 999 }))

    expect(answer).toMatchObject({
      statusCode: 409,
      responseEntity: { app: 'USERS', status: 'UP', lastDirtyTimestamp: '1000' },
    })
  })

  it('brings an override that is news', () => {
    const state = knowing()

    answerTo(state, change('Heartbeat', { overriddenStatus: 'OUT_OF_SERVICE' }))

    expect(state.registry.overrides.all(0)).toEqual({ a: 'OUT_OF_SERVICE' })
    expect(statusOf(state)).toBe('OUT_OF_SERVICE')
  })

  it.each(['UNKNOWN', 'SLEEPING'])('brings no override %s', (overriddenStatus) => {
    const state = knowing()

    answerTo(state, change('Heartbeat', { overriddenStatus }))

    expect(state.registry.overrides.all(0)).toEqual({})
  })
})

describe('a batch', () => {
  it.each([[undefined], [null], ['text'], [{}], [{ replicationList: 'text' }]])(
    'of %o has no answers',
    (body) => {
      expect(applyBatch(knowing(), body, 0)).toEqual({ responseList: [] })
    },
  )

  it('is answered entry by entry, in order', () => {
    const batch = { replicationList: [change('Heartbeat'), change('Cancel'), change('Heartbeat')] }

    expect(applyBatch(knowing(), batch, 0)).toEqual({
      responseList: [{ statusCode: 200 }, { statusCode: 200 }, { statusCode: 404 }],
    })
  })
})

describe('what a change says to peers', () => {
  it('is all that is known of the instance', () => {
    const sent = wireReplication({ ...KEY, action: 'Heartbeat' }, knowing())

    expect(sent).toMatchObject({
      appName: 'USERS',
      id: 'a',
      action: 'Heartbeat',
      status: 'UP',
      overriddenStatus: 'UNKNOWN',
      lastDirtyTimestamp: 1_000,
      instanceInfo: { app: 'USERS', ipAddr: '10.0.0.1', lastDirtyTimestamp: '1000' },
    })
  })

  it('is the status of the change where it has one', () => {
    const sent = wireReplication({ ...KEY, action: 'StatusUpdate', status: 'DOWN' }, knowing())

    expect(sent).toMatchObject({ status: 'DOWN', instanceInfo: { status: 'UP' } })
  })

  it('is no more than its name where the instance has gone', () => {
    expect(wireReplication({ ...KEY, action: 'Cancel' }, emptyState())).toEqual({
      appName: 'USERS',
      id: 'a',
      action: 'Cancel',
      status: undefined,
      overriddenStatus: undefined,
      lastDirtyTimestamp: undefined,
      instanceInfo: undefined,
    })
  })
})

describe('after the answer of a peer', () => {
  const NEWER = { instanceId: 'a', status: 'DOWN', lastDirtyTimestamp: '9999999999999' }

  it('that does not know the instance of a heartbeat, that is registered there', () => {
    const next = followUp({ ...KEY, action: 'Heartbeat' }, { statusCode: 404 }, knowing(), 0)

    expect(next).toEqual({ ...KEY, action: 'Register' })
  })

  it('that knows it better, what it knows is taken', () => {
    const state = knowing()
    const answer = { statusCode: 409, responseEntity: registration(NEWER).instance }

    expect(followUp({ ...KEY, action: 'Heartbeat' }, answer, state, 0)).toBeUndefined()
    expect(statusOf(state)).toBe('DOWN')
  })

  it.each([
    ['Heartbeat', { statusCode: 200 }],
    ['Heartbeat', { statusCode: 200, responseEntity: registration(NEWER).instance }],
    ['Cancel', { statusCode: 404 }],
    ['Heartbeat', undefined],
  ] as const)('to a %s with %o, nothing is done', (action, answer) => {
    const state = knowing()

    expect(followUp({ ...KEY, action }, answer, state, 0)).toBeUndefined()
    expect(statusOf(state)).toBe('UP')
  })
})
