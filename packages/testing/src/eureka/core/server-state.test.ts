import { describe, expect, it } from 'vitest'
import type { InstanceInfo } from './instance-info.js'
import { pageRenderer } from './render.js'
import { info } from './registry.model.js'
import type { PageKey } from './response-cache.js'
import { ask, emptyState, serverOf } from './server.model.js'
import type { ServerSettings } from './server-settings.js'
import type { ServerState } from './server-state.js'

const KEY: PageKey = { entity: 'apps', name: '', format: 'json', accept: 'full' }

/** A server that knows these from its start. */
function knowing(
  infos: readonly Partial<InstanceInfo>[],
  settings: Partial<ServerSettings> = {},
): ServerState {
  const state = emptyState(settings)
  for (const one of infos) state.registry.register(info(one), { now: 0 })
  return state
}

interface Listed {
  readonly versions__delta: string
  readonly apps__hashcode: string
  readonly application: { readonly name: string; readonly instance: { readonly hostName: string }[] }[]
}

/** A list of a page: its version and hash, and the hosts that it names. */
function listOf(state: ServerState, key: Partial<PageKey>, now = 0): unknown[] {
  const { applications } = JSON.parse(state.page({ ...KEY, ...key }, now).body!) as { applications: Listed }
  const hosts = applications.application.flatMap(({ instance }) => instance.map(({ hostName }) => hostName))
  return [applications.versions__delta, applications.apps__hashcode, hosts.join()]
}

const ids = (infos: readonly InstanceInfo[]): string[] => infos.map(({ id }) => id).sort()
const many = (count: number): { id: string }[] =>
  Array.from({ length: count }, (_, index) => ({ id: `i${String(index)}` }))

describe('the pages of a server', () => {
  it('list a VIP by its name alone, each of several, with a hash of its own', () => {
    const state = knowing([
      { id: 'a', hostName: 'a', texts: { vipAddress: 'one,two', secureVipAddress: 'safe' } },
      { id: 'b', hostName: 'b', app: 'B', status: 'DOWN', texts: { vipAddress: 'two' } },
      { id: 'c', hostName: 'c', texts: {} },
    ])

    expect(listOf(state, { entity: 'vip', name: 'two' })).toEqual(['-1', 'DOWN_1_UP_1_', 'a,b'])
    expect(listOf(state, { entity: 'vip', name: 'one' })).toEqual(['-1', 'UP_1_', 'a'])
    expect(listOf(state, { entity: 'vip', name: 'tw' })).toEqual(['-1', '', ''])
    expect(listOf(state, { entity: 'svip', name: 'safe' })).toEqual(['-1', 'UP_1_', 'a'])
    expect(listOf(state, { entity: 'svip', name: 'one' })).toEqual(['-1', '', ''])
    expect(listOf(state, {})).toEqual(['1', 'DOWN_1_UP_2_', 'a,c,b'])
  })

  it.each(['vip', 'svip'] as const)('of a %s lose who leaves', (route) => {
    const server = serverOf(knowing([{ texts: { vipAddress: 'v', secureVipAddress: 'v' } }]))
    const read = (): string | undefined => ask(server, route, { target: { route, app: '', name: 'v' } }).body
    expect(read()).toContain('USERS')

    ask(server, 'cancel')

    expect(read()).not.toContain('USERS')
  })

  it('count deltas, of which each has the hash of all', () => {
    const state = knowing([{ hostName: 'a' }])
    const first = listOf(state, { entity: 'delta' })
    state.registry.register(info({ id: 'b', hostName: 'b' }), { now: 1 })

    expect([first, listOf(state, { entity: 'delta' }, 1)]).toEqual([
      ['1', 'UP_1_', 'a'],
      ['2', 'UP_2_', 'a,b'],
    ])
  })

  it('name an application, and are none of one that nobody registered', () => {
    const state = knowing([{ hostName: 'a' }])
    const { application } = JSON.parse(state.page({ ...KEY, entity: 'app', name: 'USERS' }, 0).body!) as {
      application: Listed['application'][number]
    }

    expect([application.name, application.instance.length]).toEqual(['USERS', 1])
    expect(state.page({ ...KEY, entity: 'app', name: 'NOBODY' }, 0).body).toBeUndefined()
  })

  it('are copies that are renewed at their interval only, where there is one', () => {
    const [late, now] = [30_000, 0].map((responseCacheUpdateIntervalMs) => {
      const state = knowing([{ hostName: 'a' }], { responseCacheUpdateIntervalMs, evictionIntervalMs: 0 })
      const seen = [29_999, 30_000].map((at, index) => {
        if (index === 0) listOf(state, {})
        state.registry.register(info({ id: 'b', hostName: 'b' }), { now: 1 })
        state.catchUp(at)
        return listOf(state, {}, at)[2]
      })
      return seen
    })

    expect([late, now]).toEqual([
      ['a', 'a,b'],
      ['a,b', 'a,b'],
    ])
  })

  it('of Spring say twice whether a compact list is empty', () => {
    const render = (flavour: 'netflix' | 'spring', root: string, key: Partial<PageKey>): unknown =>
      JSON.parse(pageRenderer(flavour)(root, { application: [] }, { ...KEY, ...key }))
    const plain = { application: [] }

    expect(render('spring', 'applications', { accept: 'compact' })).toEqual({
      applications: { ...plain, registeredApplicationsEmpty: true },
    })
    expect(render('spring', 'applications', {})).toEqual({ applications: plain })
    expect(render('spring', 'application', { accept: 'compact' })).toEqual({ application: plain })
    expect(render('netflix', 'applications', { accept: 'compact' })).toEqual({ applications: plain })
    expect(pageRenderer('netflix')('application', { name: 'A' }, { ...KEY, format: 'xml' })).toContain(
      '<name>A</name>',
    )
  })
})

describe('the evictor', () => {
  // Registered at 0 for 90 s, and never renewed.
  const EXPIRED = 90_001

  it('takes what has expired, as many as may go at once, and none that a test holds', () => {
    const state = knowing(many(20))
    state.registry.register(info({ id: 'held' }), { now: 0 }, true)
    state.registry.register(info({ id: 'late' }), { now: 1 })

    expect(state.evict(90_000)).toEqual([])
    // 15 % of 22, and what is left of one.
    const gone = ids(state.evict(EXPIRED))
    expect(gone).toHaveLength(4)
    expect(gone).not.toContain('held')
    expect(gone).not.toContain('late')
    expect(state.registry.all()).toHaveLength(18)
    expect(ids(state.evict(EXPIRED, true))).toHaveLength(16)
    expect(ids(state.registry.all().map((lease) => lease.info))).toEqual(['held', 'late'])
  })

  it('draws by chance, so that no application vanishes first', () => {
    const [first, second] = [0, 0.99].map((draw) => {
      const state = emptyState()
      Object.assign(state, { random: { next: () => draw } })
      for (const one of many(20)) state.registry.register(info(one), { now: 0 })
      return ids(state.evict(EXPIRED))
    })

    expect([first, second]).toEqual([
      ['i0', 'i1', 'i2'],
      ['i17', 'i18', 'i19'],
    ])
  })

  it('takes nobody while the server mistrusts its network, unless it is told to', () => {
    const state = knowing(many(2), { selfPreservation: true })

    expect(state.evict(EXPIRED)).toEqual([])
    expect(state.findInstance({ app: 'USERS', id: 'i0' }, EXPIRED)).toBeDefined()
    expect(ids(state.evict(EXPIRED, true))).toEqual(['i0', 'i1'])
  })

  it('comes at its interval, and never where there is none', () => {
    const [often, never] = [60_000, 0].map((evictionIntervalMs) => {
      const state = knowing(many(1), { evictionIntervalMs })
      return [119_999, 120_000].map((now) => {
        state.catchUp(now)
        return state.registry.all().length
      })
    })

    expect([often, never]).toEqual([
      [1, 0],
      [1, 1],
    ])
  })
})

describe('an instance', () => {
  it('is not there from the moment it expires', () => {
    const state = knowing([{ id: 'a' }])
    const found = (now: number): unknown[] => [
      state.findInstance({ app: 'USERS', id: 'a' }, now)?.info.id,
      state.findById('a', now)?.info.id,
    ]

    expect([found(90_000), found(90_001)]).toEqual([
      ['a', 'a'],
      [undefined, undefined],
    ])
    expect(state.findById('b', 0)).toBeUndefined()
  })

  it('is found by its id alone among others', () => {
    const state = knowing([{ id: 'a' }, { id: 'b', app: 'ORDERS' }])

    expect(state.findById('b', 0)?.info).toMatchObject({ id: 'b', app: 'ORDERS' })
  })

  it.each(['instance', 'instanceById'] as const)('is told in full to %s, whatever was asked for', (route) => {
    const { body } = ask(serverOf(knowing([{}])), route, { accept: 'compact' })

    expect(JSON.parse(body!)).toMatchObject({ instance: { hostName: 'h', lastDirtyTimestamp: '1000' } })
  })
})

describe('what a server does at its intervals', () => {
  it('forgets changes', () => {
    const state = knowing([{ hostName: 'a' }], { deltaRetentionMs: 50_000, evictionIntervalMs: 0 })
    const seen = [59_999, 60_000].map((now) => {
      state.catchUp(now)
      return state.registry.changes.latest().length
    })

    expect(seen).toEqual([1, 0])
  })

  it('forgets a change once it is older than the retention time, and keeps those that are not', () => {
    const state = knowing([{ id: 'a' }], { deltaRetentionMs: 60_000, evictionIntervalMs: 0 })
    state.registry.register(info({ id: 'b' }), { now: 30_000 })
    const seen = [60_000, 90_000, 120_000].map((now) => {
      state.catchUp(now)
      return state.registry.changes.latest().map((lease) => lease.info.id)
    })

    expect(seen).toEqual([['a', 'b'], ['b'], []])
  })

  it('counts renewals by minutes, and its clients anew', () => {
    const state = knowing(many(100), { expectedClients: 1, selfPreservation: true, evictionIntervalMs: 0 })
    for (const { id } of many(100)) state.registry.renew({ app: 'USERS', id }, undefined, { now: 1 })
    state.registry.cancel({ app: 'USERS', id: 'i0' }, 1)
    const at = [59_999, 60_000, 120_000].map((now) => {
      state.catchUp(now)
      return state.renewals.lastMinute
    })
    state.settings = { ...state.settings, renewalPercentThreshold: 0.5 }
    state.catchUp(900_000)

    expect(at).toEqual([0, 100, 0])
    expect(state.renewals.threshold).toBe(99)
  })
})

it('lists are answered at once where clients are expected, and after a while where nobody is', () => {
  const openAt = (expectedClients: number): boolean[] => {
    const state = emptyState({ expectedClients, waitTimeWhenSyncEmptyMs: 100 }, 1_000)
    return [1_000, 1_099, 1_100].map((now) => state.isOpen(now))
  }

  expect([openAt(1), openAt(0)]).toEqual([
    [true, true, true],
    [false, false, true],
  ])
})
