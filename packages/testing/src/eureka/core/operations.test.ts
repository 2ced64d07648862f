import { describe, expect, it } from 'vitest'
import { registration } from '../eureka.model.js'
import { UNPARSABLE } from './read-instance.js'
import { info, KEY } from './registry.model.js'
import { ask, emptyState, serverOf } from './server.model.js'
import type { Observed } from './server.model.js'

/** A server that knows `USERS/a`, changed last at 1 000. */
function knowing(): Observed {
  const server = serverOf()
  server.state.registry.register(info(), { now: 0 })
  return server
}

/** What changes a lease that is there. */
const CHANGES = [
  ['heartbeat', {}],
  ['cancel', {}],
  ['setStatus', { value: 'DOWN' }],
  ['removeStatus', {}],
  ['metadata', { a: '1' }],
] as const

const known = ({ state }: Observed): object | undefined => state.registry.lease(KEY)?.info

describe('an instance that nobody knows', () => {
  it.each([...CHANGES, ['instance', {}], ['instanceById', {}], ['app', {}]] as const)(
    'is answered with 404 to %s, and peers hear nothing',
    (route, query) => {
      const server = serverOf()

      expect(ask(server, route, { query })).toEqual({ status: 404 })
      expect(server.told).toEqual([])
    },
  )
})

describe('a change', () => {
  it.each([
    ['heartbeat', {}, { action: 'Heartbeat' }],
    ['cancel', {}, { action: 'Cancel' }],
    ['setStatus', { value: 'DOWN' }, { action: 'StatusUpdate', status: 'DOWN' }],
    ['removeStatus', { value: 'UP' }, { action: 'DeleteStatusOverride', status: 'UP' }],
    ['removeStatus', {}, { action: 'DeleteStatusOverride', status: 'UNKNOWN' }],
    ['metadata', { a: '1' }, { action: 'Register' }],
  ] as const)('%s %o of a client is told to peers', (route, query, change) => {
    const server = knowing()

    expect(ask(server, route, { query })).toEqual({ status: 200 })
    expect(server.told).toEqual([{ ...KEY, ...change }])
  })

  it.each(CHANGES)('%s that a peer passes on is told to nobody', (route, query) => {
    const server = knowing()

    expect(ask(server, route, { query, isReplication: true })).toEqual({ status: 200 })
    expect(server.told).toEqual([])
  })

  it('of metadata adds to what is there', () => {
    const server = knowing()
    ask(server, 'metadata', { query: { a: '1' } })

    ask(server, 'metadata', { query: { b: '2' } })

    expect(known(server)).toMatchObject({ metadata: { a: '1', b: '2' } })
  })
})

describe('a registration', () => {
  const users = (fields: Readonly<Record<string, unknown>> = {}): Parameters<typeof ask>[2] => ({
    body: registration(fields),
  })

  it('of a client is told to peers, and one of a peer to nobody', () => {
    const server = serverOf()

    expect(ask(server, 'register', users())).toEqual({ status: 204 })
    expect(server.told).toEqual([{ app: 'USERS', id: 'h1:users:9001', action: 'Register' }])
    expect(ask(server, 'register', { ...users(), isReplication: true })).toEqual({ status: 204 })
    expect(server.told).toHaveLength(1)
  })

  it('of a peer has the status that it has there, and the time of this server', () => {
    const server = serverOf()
    ask(server, 'register', users())

    ask(server, 'register', { ...users({ status: 'OUT_OF_SERVICE' }), isReplication: true, now: 5 })

    const [lease] = server.state.registry.all()
    expect(lease).toMatchObject({ registeredAt: 5, info: { status: 'OUT_OF_SERVICE' } })
  })

  it('that is no JSON is refused by its type', () => {
    expect(ask(serverOf(), 'register', { hasJson: false })).toEqual({ status: 415 })
  })

  it('that cannot be parsed is refused in JSON, whatever was asked for', () => {
    const reply = ask(serverOf(), 'register', { body: 'text', format: 'xml' })

    expect(reply).toEqual({ status: 400, body: UNPARSABLE, format: 'json' })
  })

  it('that lacks something is refused in the form that was asked for', () => {
    const reply = ask(serverOf(), 'register', { ...users({ ipAddr: '' }), format: 'xml' })

    expect(reply).toEqual({ status: 400, body: 'Missing ip address', format: 'xml' })
  })
})

describe('a stamp', () => {
  it.each([
    ['heartbeat', { lastDirtyTimestamp: 'now' }],
    ['heartbeat', { lastDirtyTimestamp: '1.5' }],
    ['heartbeat', { lastDirtyTimestamp: '1000 ' }],
    ['heartbeat', { lastDirtyTimestamp: 'x1000' }],
    ['setStatus', { value: 'DOWN', lastDirtyTimestamp: 'now' }],
    ['removeStatus', { lastDirtyTimestamp: 'now' }],
  ] as const)(
    'of %s %o that is no whole number is a fault of the server, and changes nothing',
    (route, query) => {
      const server = knowing()
      const before = known(server)

      expect(ask(server, route, { query })).toEqual({ status: 500 })
      expect(known(server)).toEqual(before)
      expect(server.told).toEqual([])
    },
  )

  it.each([
    [{}, false, 200],
    [{ lastDirtyTimestamp: '' }, false, 200],
    [{ lastDirtyTimestamp: '1000' }, false, 200],
    [{ lastDirtyTimestamp: '-1' }, false, 200],
    [{ lastDirtyTimestamp: '999' }, true, 409],
    [{ lastDirtyTimestamp: '1001' }, false, 404],
  ] as const)('%o of a heartbeat, passed on %s, is answered with %i', (query, isReplication, status) => {
    expect(ask(knowing(), 'heartbeat', { query, isReplication })).toEqual({ status })
  })

  it.each(['setStatus', 'removeStatus'] as const)('of %s that is later is kept', (route) => {
    const server = knowing()
    ask(server, 'setStatus', { query: { value: 'OUT_OF_SERVICE' } })

    ask(server, route, { query: { value: 'DOWN', lastDirtyTimestamp: '2000' } })

    expect(known(server)).toMatchObject({ status: 'DOWN', lastDirtyTimestamp: 2_000 })
  })
})

describe('a status', () => {
  it.each([
    ['setStatus', { value: 'SLEEPING' }],
    ['setStatus', { value: 'up' }],
    ['setStatus', {}],
    ['removeStatus', { value: 'SLEEPING' }],
  ] as const)('that does not exist (%s %o) is a fault of the server', (route, query) => {
    expect(ask(knowing(), route, { query })).toEqual({ status: 500 })
  })

  it('cannot be set for an instance whose lease has expired', () => {
    const server = knowing()

    expect(ask(server, 'setStatus', { query: { value: 'DOWN' }, now: 90_001 })).toEqual({ status: 404 })
    expect(ask(server, 'removeStatus', { now: 90_001 })).toEqual({ status: 404 })
  })
})

describe('a list', () => {
  it('is refused while the server waits for peers', () => {
    const server = serverOf(emptyState({ expectedClients: 0, waitTimeWhenSyncEmptyMs: 1_000 }))

    for (const route of ['apps', 'delta', 'app', 'vip', 'svip'] as const) {
      expect(ask(server, route, { now: 999 })).toEqual({ status: 403 })
    }
    expect(ask(server, 'instance', { now: 999 })).toEqual({ status: 404 })
    expect(ask(server, 'apps', { now: 1_000 })).toMatchObject({ status: 200 })
  })

  it('lacks who was evicted meanwhile, of whom the changes tell', () => {
    const server = knowing()
    const bodyAt = (now: number, route: 'apps' | 'delta'): string | undefined =>
      ask(server, route, { now, target: { route, app: '', name: '' } }).body

    expect(bodyAt(0, 'apps')).toContain('USERS')
    expect(bodyAt(120_000, 'apps')).not.toContain('USERS')
    expect(bodyAt(120_000, 'delta')).toContain('DELETED')
  })

  it('of changes is refused where deltas are switched off', () => {
    const server = serverOf(emptyState({ disableDelta: true }))

    expect(ask(server, 'delta')).toEqual({ status: 403 })
    expect(ask(server, 'apps')).toMatchObject({ status: 200 })
  })

  it.each([
    ['vip', 'users', 1],
    ['vip', 'users-alt', 1],
    ['vip', 'users-secure', 0],
    ['svip', 'users-secure', 1],
    ['svip', 'users', 0],
  ] as const)('of the %s %s has the instances that name it', (route, name, count) => {
    const server = serverOf()
    ask(server, 'register', { body: registration() })

    const { body } = ask(server, route, { target: { route, app: '', name } })
    const { applications } = JSON.parse(body!) as {
      applications: { apps__hashcode: string; application: { instance: unknown[] }[] }
    }

    expect(applications.application.flatMap(({ instance }) => instance)).toHaveLength(count)
    expect(applications.apps__hashcode).toBe(count === 0 ? '' : 'UP_1_')
  })
})

describe('an application', () => {
  it('has its instances and no others, and is not there without any', () => {
    const server = knowing()
    server.state.registry.register(info({ app: 'ORDERS' }), { now: 0 })

    const { body, status } = ask(server, 'app')
    const { application } = JSON.parse(body!) as { application: { name: string; instance: object[] } }

    expect(status).toBe(200)
    expect(application).toMatchObject({ name: 'USERS', instance: [{ app: 'USERS', hostName: 'h' }] })
    expect(application.instance).toHaveLength(1)
    ask(server, 'cancel')
    expect(ask(server, 'app')).toEqual({ status: 404 })
  })

  it('is not to be seen by its id alone once its lease has expired', () => {
    expect(ask(knowing(), 'instanceById', { now: 90_000 })).toMatchObject({ status: 200 })
    expect(ask(knowing(), 'instanceById', { now: 90_001 })).toEqual({ status: 404 })
  })
})

describe('what a server says of itself', () => {
  it('is the same in JSON and in XML', () => {
    const server = knowing()

    const { generalStats, applicationStats } = JSON.parse(ask(server, 'status').body!) as {
      generalStats: object
      applicationStats: object
    }
    const xml = ask(server, 'status', { format: 'xml' })

    expect(generalStats).toEqual({ environment: 'test', 'num-of-cpus': '1', 'server-uptime': '00:00' })
    expect(applicationStats).toEqual({
      'registered-replicas': '',
      'available-replicas': '',
      'unavailable-replicas': '',
      'renews-last-minute': '0',
      'renew-threshold': '3',
      'lists-open': 'true',
    })
    expect(xml.format).toBe('xml')
    expect(xml.body).toContain('<com.netflix.eureka.util.StatusInfo>')
    expect(xml.body).toContain('<lists-open>true</lists-open>')
  })

  it('are its overrides', () => {
    const server = knowing()
    ask(server, 'setStatus', { query: { value: 'DOWN' } })

    expect(ask(server, 'overrides', { format: 'xml' })).toEqual({
      status: 200,
      body: '{"a":"DOWN"}',
      format: 'json',
    })
  })
})

describe('a batch of a peer', () => {
  it('is answered in JSON, whatever was asked for', () => {
    const body = { replicationList: [{ appName: 'users', id: 'a', action: 'Cancel' }] }

    expect(ask(knowing(), 'replication', { body, format: 'xml' })).toEqual({
      status: 200,
      body: '{"responseList":[{"statusCode":200}]}',
      format: 'json',
    })
  })
})

describe('what is no operation', () => {
  it.each([400, 404, 405] as const)('is refused as its route says: %i', (refusal) => {
    const target = { route: 'other', app: '', name: '', refusal } as const

    expect(ask(serverOf(), 'other', { target })).toEqual({ status: refusal })
  })

  it('is not there, where its route says nothing', () => {
    expect(ask(serverOf(), 'other')).toEqual({ status: 404 })
  })
})
