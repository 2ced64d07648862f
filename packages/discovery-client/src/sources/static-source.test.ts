import { InvalidOptionsError, onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import type { Snapshot } from '../instance.js'
import { StaticSource } from './static-source.js'

describe('a static source', () => {
  test('reads addresses and objects, and fills in what is left out', () => {
    const source = new StaticSource({
      users: [
        'http://127.0.0.1:9001',
        'https://users.example',
        'http://[::1]:80',
        {
          id: 'u4',
          host: 'h',
          port: 1,
          secure: true,
          zone: 'a',
          status: 'DOWN',
          metadata: { v: '2' },
          weight: 0,
        },
      ],
    })

    const common = { status: 'UP', metadata: {}, weight: 1 }
    expect(
      source
        .snapshot('users')
        ?.instances.map((instance) => ({ ...instance, metadata: { ...instance.metadata } })),
    ).toEqual([
      { ...common, id: '127.0.0.1:9001', host: '127.0.0.1', port: 9_001, secure: false },
      { ...common, id: 'users.example:443', host: 'users.example', port: 443, secure: true },
      { ...common, id: '[::1]:80', host: '::1', port: 80, secure: false },
      {
        id: 'u4',
        host: 'h',
        port: 1,
        secure: true,
        zone: 'a',
        status: 'DOWN',
        metadata: { v: '2' },
        weight: 0,
      },
    ])
    expect(source.snapshot('orders')).toBeUndefined()
  })

  test('publishes frozen snapshots, whose metadata has no prototype', () => {
    const { instances } = new StaticSource({ users: ['http://a:1'] }).snapshot('users')!

    expect(Object.isFrozen(instances) && Object.isFrozen(instances[0])).toBe(true)
    expect(Object.getPrototypeOf(instances[0]!.metadata)).toBeNull()
  })

  test.each<[unknown, string[]]>([
    [
      { users: ['http://a:1/path', 'ftp://a:1', 'http://u:p@a:1', 'a:1', 'http://a:0', 5, null] },
      [0, 1, 2, 3, 4, 5, 6].map((at) => `users[${String(at)}]`),
    ],
    [{ users: ['http://a:1', 'http://a:1'] }, ['users[1]']],
    [
      { users: [{ host: 'a@b', port: 0 }, { port: 1 }, { host: 'a' }] },
      ['users[0].host', 'users[0].port', 'users[1].host', 'users[2].port'],
    ],
    [
      {
        users: [
          { host: 'a', port: 1, weight: NaN },
          { host: 'b', port: 1, weight: -1 },
        ],
      },
      ['users[0].weight', 'users[1].weight'],
    ],
    [
      { users: [{ host: 'a', port: 1, status: 'up', wieght: 2 }], orders: 'http://a:1' },
      ['orders', 'users[0].status', 'users[0].wieght'],
    ],
    ['users', ['']],
    [null, ['']],
  ])('%j: every fault in one error', (lists, paths) => {
    let error: unknown
    try {
      new StaticSource(lists as never)
    } catch (thrown) {
      error = thrown
    }

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect((error as InvalidOptionsError).issues.map(({ path }) => path).sort()).toEqual(paths.sort())
  })

  test('refuses a clock that is none', () => {
    expect(() => new StaticSource({}, { clock: 5 as never })).toThrow(InvalidOptionsError)
  })

  test('tells watchers of each list that differs, and of no other', async () => {
    const clock = new SimClock()
    const source = new StaticSource({ users: ['http://a:1'] }, { clock })
    const heard: Snapshot[] = []
    const stop = source.watch('users', (snapshot) => heard.push(snapshot))
    await clock.advance(10)

    source.set({ users: ['http://a:1'], orders: ['http://b:1'] })
    const renewed = source.snapshot('users')
    source.set({ users: ['http://a:2'] })
    source.set({})
    stop()
    source.set({ users: ['http://a:3'] })

    expect(heard.map(({ version, instances }) => [version, instances[0]?.port])).toEqual([
      [1, 1],
      [2, 2],
      [3, undefined],
    ])
    expect(renewed).toMatchObject({ version: 1, updatedAt: 10 })
    expect(source.snapshot('orders')).toMatchObject({ version: 2, instances: [] })
  })

  test('forgets who has long had nobody, and is watched by nobody', () => {
    const source = new StaticSource({ kept: ['http://a:1'], watched: ['http://a:1'] })
    const versions: number[] = []
    const others = Array.from({ length: 1_100 }, (_, nth) => `service-${String(nth)}`)
    const lists = (service: string): Record<string, string[]> => ({
      kept: ['http://a:1'],
      [service]: ['http://a:1'],
    })
    source.watch('watched', ({ version }) => versions.push(version))

    for (const service of others) source.set(lists(service))
    const known = others.filter((service) => source.snapshot(service) !== undefined)
    source.set({ watched: ['http://a:2'] })

    // The last one of them is in service.
    expect(known).toEqual(others.slice(-1_001))
    expect(source.snapshot(others.at(-2)!)).toMatchObject({ version: 2, instances: [] })
    expect(versions).toEqual([1, 2, 3])
  })

  test('forgets nobody who is watched, or has somebody, since the list was empty', () => {
    const source = new StaticSource({ watched: [], back: [] })
    const versions: number[] = []
    source.watch('watched', ({ version }) => versions.push(version))
    source.set({ back: ['http://a:1'] })

    const others = Array.from(
      { length: 1_100 },
      (_, nth) => [`service-${String(nth)}`, ['http://a:1']] as const,
    )
    source.set({ back: ['http://a:1'], ...Object.fromEntries(others) })
    source.set({ back: ['http://a:1'] })
    source.set({ watched: ['http://a:1'], back: ['http://a:2'] })

    expect(versions).toEqual([1, 2])
    expect(source.snapshot('back')?.version).toBe(3)
  })

  test.each([
    ['zone', { zone: 'b' }],
    ['status', { status: 'DOWN' as const }],
    ['scheme', { secure: true }],
    ['weight', { weight: 2 }],
    ['text of its metadata', { metadata: { v: '2' } }],
    ['key in its metadata', { metadata: { w: '1' } }],
    ['number of metadata', { metadata: { v: '1', w: '1' } }],
  ])('tells watchers when an instance has another %s', (_, change) => {
    const entry = { host: 'a', port: 1, zone: 'a', metadata: { v: '1' } }
    const source = new StaticSource({ users: [entry] })
    const versions: number[] = []
    source.watch('users', ({ version }) => versions.push(version))

    source.set({ users: [{ ...entry }] })
    source.set({ users: [{ ...entry, ...change }] })

    expect(versions).toEqual([1, 2])
  })

  test('changes nothing when one list of several is bad', () => {
    const source = new StaticSource({ users: ['http://a:1'] })

    expect(() => {
      source.set({ users: ['http://a:2'], orders: ['nonsense'] })
    }).toThrow(InvalidOptionsError)

    expect(source.snapshot('users')?.instances[0]?.port).toBe(1)
  })

  test('leaves nobody with an old list when a listener changes it', () => {
    const source = new StaticSource({})
    const [first, second]: number[][] = [[], []]
    source.watch('users', ({ version }) => {
      first!.push(version)
      if (version === 1) source.set({ users: ['http://a:2'] })
    })
    source.watch('users', ({ version }) => second!.push(version))

    source.set({ users: ['http://a:1'] })

    expect([first, second]).toEqual([[1, 2], [2]])
  })

  test('tells those who still watch, each for himself, and nothing before there is a list', () => {
    const source = new StaticSource({})
    const heard: unknown[] = []
    const listener = (snapshot: unknown): void => void heard.push(snapshot)
    const stops = [source.watch('users', listener), source.watch('users', listener)]
    const before = heard.length
    source.set({ users: ['http://a:1'] })
    const both = heard.length
    stops[0]!()
    stops[0]!()
    source.set({ users: ['http://a:2'] })

    expect([before, both, heard.length]).toEqual([0, 2, 3])
  })

  test('has all lists of the last change, also where a listener makes it during another', () => {
    const source = new StaticSource({ users: [], orders: [], carts: ['http://c:1'] })
    const orders: unknown[] = []
    source.watch('orders', ({ instances }) => orders.push(instances[0]?.id))
    source.watch('users', ({ version }) => {
      if (version === 2) source.set({ users: ['http://a:2'], orders: ['http://b:2'], carts: ['http://c:2'] })
    })

    source.set({ users: ['http://a:1'], orders: ['http://b:1'] })

    const last = ['users', 'orders', 'carts'].map((service) => source.snapshot(service)?.instances[0]?.id)
    expect([last, orders]).toEqual([
      ['a:2', 'b:2', 'c:2'],
      [undefined, 'b:2'],
    ])
  })

  test('tells nobody whose watch another listener has just ended', () => {
    const source = new StaticSource({ users: ['http://a:1'] })
    const heard: number[] = []
    const ends: (() => void)[] = []
    source.watch('users', () => {
      for (const end of ends) end()
    })
    ends.push(source.watch('users', ({ version }) => heard.push(version)))

    source.set({ users: ['http://a:2'] })

    expect(heard).toEqual([1])
  })

  test('tells all of a new list, though one of them puts the same list again', () => {
    const source = new StaticSource({ users: ['http://a:1'] })
    const next = { users: ['http://a:2'] }
    const heard: string[] = []
    source.watch('users', ({ version }) => {
      heard.push(`first ${String(version)}`)
      if (version === 2) source.set(next)
    })
    source.watch('users', ({ version }) => heard.push(`second ${String(version)}`))

    source.set(next)

    expect(heard).toEqual(['first 1', 'second 1', 'first 2', 'second 2'])
  })

  test.each<[string, (oops: Error) => unknown]>([
    [
      'throws',
      (oops) => {
        throw oops
      },
    ],
    ['rejects', (oops) => Promise.reject(oops)],
  ])('fences a listener that %s', async (_how, fail) => {
    const reports: unknown[] = []
    const unsubscribe = onInternalError((error) => reports.push(error))
    const source = new StaticSource({ users: ['http://a:1'] })
    const heard: number[] = []
    const oops = new Error('oops')
    source.watch('users', () => fail(oops) as undefined)
    source.watch('users', ({ version }) => heard.push(version))

    source.set({})
    await Promise.resolve()
    unsubscribe()

    expect([heard, reports]).toEqual([
      [1, 2],
      [oops, oops],
    ])
  })
})
