import { InvalidOptionsError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import type { ARecord, SrvRecord } from './core/dns-records.js'
import { DnsSource } from './dns-source.js'
import type { DnsSourceOptions } from './dns-source-options.js'

interface Lab {
  readonly source: DnsSource
  readonly clock: SimClock
  /** The names asked for so far. */
  readonly asked: string[]
  readonly errors: string[]
  /** What the name servers say from now on; an error is a failed look-up. */
  answer: (records: readonly (Partial<SrvRecord> & Partial<ARecord>)[] | Error | Promise<never>) => void
}

function lab(options: Partial<DnsSourceOptions> = {}): Lab {
  const clock = new SimClock()
  const asked: string[] = []
  const errors: string[] = []
  let current: Promise<never> = Promise.resolve([] as never)
  const resolve = (name: string): Promise<never> => {
    asked.push(name)
    return current
  }
  const source = new DnsSource({
    name: '_{service}._tcp.test',
    resolver: { srv: resolve, a: resolve },
    clock,
    ...options,
  })
  source.on('error', ({ error }) => errors.push(error.message))
  const answer: Lab['answer'] = (records) => {
    current =
      records instanceof Promise
        ? records
        : records instanceof Error
          ? Promise.reject(records)
          : Promise.resolve(records as never)
    current.catch(() => {})
  }
  return { source, clock, asked, errors, answer }
}

const srv = (name: string, more: Partial<SrvRecord> = {}): SrvRecord => ({
  name,
  port: 80,
  priority: 0,
  weight: 1,
  ...more,
})
const ids = ({ source }: Lab, service = 'users'): unknown =>
  source.snapshot(service)?.instances.map(({ id }) => id)

describe('a DNS source of SRV records', () => {
  test('takes the targets of the lowest priority, with port and weight, in a fixed order', async () => {
    const world = lab({ secure: true })
    world.answer([
      srv('b.test', { weight: 5 }),
      srv('a.test.', { port: 8_080 }),
      srv('backup.test', { priority: 9 }),
    ])

    await world.source.refresh('users')

    expect(world.asked).toEqual(['_users._tcp.test'])
    expect(world.source.snapshot('users')?.instances).toMatchObject([
      { id: 'a.test:8080', host: 'a.test', port: 8_080, weight: 1, secure: true },
      { id: 'b.test:80', host: 'b.test', port: 80, weight: 5, secure: true },
    ])
  })

  test.each([
    ['the root, which means none', [srv('.')]],
    ['names that lead elsewhere', [srv('a.test@evil.test'), srv('evil.test/x')]],
    ['ports that are none', [srv('a.test', { port: 0 }), srv('b.test', { port: 70_000 })]],
    ['nothing', []],
  ])('takes %s for a failed look-up', async (_what, records) => {
    const world = lab()
    world.answer([srv('good.test')])
    await world.source.refresh('users')
    world.answer(records)
    await world.source.refresh('users')

    expect(ids(world)).toEqual(['good.test:80'])
    expect(world.errors).toEqual(['_users._tcp.test: no usable SRV record in the answer'])
  })

  test('looks up by itself from the first question on, and again after the refresh time', async () => {
    const world = lab({ refreshMs: 10_000 })
    world.answer([srv('a.test')])
    expect(ids(world)).toBeUndefined()
    await world.clock.advance(0)
    const first = ids(world)
    world.answer([srv('b.test')])
    await world.clock.advance(9_999)
    const before = ids(world)
    await world.clock.advance(1)

    expect([first, before, ids(world)]).toEqual([['a.test:80'], ['a.test:80'], ['b.test:80']])
  })
})

describe('a DNS source of A records', () => {
  const options = { name: 'users.test', type: 'A', port: 81 } as const

  test('looks up again when the shortest time to live is over, within its bounds', async () => {
    const world = lab({ ...options, minRefreshMs: 2_000, refreshMs: 10_000 })
    const lookupsAfter = async (ttl: number, waitMs: number): Promise<number> => {
      world.answer([
        { address: '10.0.0.1', ttl },
        { address: '10.0.0.2', ttl: 500 },
      ])
      await world.source.refresh('users')
      const before = world.asked.length
      await world.clock.advance(waitMs - 1)
      expect(world.asked.length).toBe(before)
      await world.clock.advance(1)
      return world.asked.length - before
    }

    expect([
      await lookupsAfter(5, 5_000),
      await lookupsAfter(0, 2_000),
      await lookupsAfter(300, 10_000),
    ]).toEqual([1, 1, 1])
    expect(ids(world)).toEqual(['10.0.0.1:81', '10.0.0.2:81'])
  })

  test('is one look-up for all services where the name has no place for them, whenever they are asked for', async () => {
    const world = lab(options)
    const all = (): unknown[] => ['users', 'carts', 'orders'].map((service) => ids(world, service))
    world.answer([{ address: '10.0.0.1', ttl: 5 }])
    const early = ids(world)
    const heard: number[] = []
    world.source.watch('carts', ({ version }) => heard.push(version))
    await world.source.refresh('users')
    const first = all()
    world.answer([{ address: '10.0.0.2', ttl: 5 }])
    await world.source.refresh('orders')

    expect([early, heard]).toEqual([undefined, [1, 2]])
    expect(first).toEqual([['10.0.0.1:81'], ['10.0.0.1:81'], ['10.0.0.1:81']])
    expect(all()).toEqual([['10.0.0.2:81'], ['10.0.0.2:81'], ['10.0.0.2:81']])
    expect(world.source.snapshot('orders')?.service).toBe('orders')
    expect(world.asked).toEqual(['users.test', 'users.test'])
  })
})

describe('any DNS source', () => {
  test('keeps the last good answer while name servers fail, asks again with growing waits, and recovers', async () => {
    const world = lab({ minRefreshMs: 1_000, refreshMs: 8_000 })
    world.answer([srv('a.test')])
    await world.source.refresh('users')
    world.answer(new Error('SERVFAIL'))
    await world.source.refresh('users')
    await world.clock.advance(1_000)
    await world.clock.advance(2_000)
    await world.clock.advance(4_000)
    await world.clock.advance(8_000)
    expect(world.asked).toHaveLength(6)
    expect([ids(world), world.source.snapshot('users')?.updatedAt]).toEqual([['a.test:80'], 0])
    world.answer([srv('b.test')])

    await world.clock.advance(8_000)

    expect([ids(world), world.source.snapshot('users')?.updatedAt]).toEqual([['b.test:80'], 23_000])
    expect(world.errors).toEqual(Array.from({ length: 5 }, () => 'SERVFAIL'))
  })

  test('begins with the shortest wait again after a success', async () => {
    const world = lab({ minRefreshMs: 1_000, refreshMs: 8_000 })
    world.answer(new Error('SERVFAIL'))
    await world.source.refresh('users')
    await world.clock.advance(1_000)
    await world.clock.advance(2_000)
    world.answer([srv('a.test')])
    await world.clock.advance(4_000)
    world.answer(new Error('SERVFAIL'))
    await world.clock.advance(8_000)
    const failedAgain = world.asked.length
    await world.clock.advance(999)
    const early = world.asked.length
    await world.clock.advance(1)

    expect([failedAgain, early, world.asked.length]).toEqual([5, 5, 6])
  })

  test('has one look-up in flight, however many ask', async () => {
    const world = lab()
    let end: (records: never) => void = () => {}
    world.answer(
      new Promise<never>((resolve) => {
        end = resolve
      }),
    )

    const refreshes = [1, 2, 3].map(() => world.source.refresh('users'))
    world.source.watch('users', () => {})
    await world.clock.advance(60_000)
    expect(world.asked).toHaveLength(1)
    world.answer([srv('a.test')])
    end([srv('a.test')] as never)
    await Promise.all(refreshes)

    expect(world.asked.length).toBeLessThanOrEqual(2)
  })

  test('tells watchers of changes only, not of another order', async () => {
    const world = lab()
    const heard: number[] = []
    world.source.watch('users', ({ version }) => heard.push(version))
    for (const names of [['a.test', 'b.test'], ['b.test', 'a.test'], ['b.test']]) {
      world.answer(names.map((name) => srv(name)))
      await world.source.refresh('users')
    }

    expect(heard).toEqual([1, 2])
  })

  test('looks nothing up for what can be no name, nor for more services than can be meant', async () => {
    const world = lab()
    for (const service of ['', 'a b', 'x'.repeat(64), '../etc', 'a..b', '{service}'])
      await world.source.refresh(service)
    expect(world.asked).toEqual([])
    world.answer([srv('a.test')])
    for (let index = 0; index < 1_100; index++) world.source.snapshot(`s${String(index)}`)
    await world.clock.advance(0)

    expect(world.asked).toHaveLength(1_000)
    world.source.dispose()
  })

  test('looks up for who only watches, and tells nobody any more when one of them disposes of it', async () => {
    const world = lab()
    const heard: unknown[] = []
    world.answer([srv('a.test')])
    world.source.watch('users', () => {
      world.source[Symbol.dispose]()
    })
    world.source.watch('users', (snapshot) => heard.push(snapshot))
    await world.clock.advance(0)

    expect([world.asked.length, heard, ids(world)]).toEqual([1, [], ['a.test:80']])
    expect(world.clock.pending.background).toBe(0)
  })

  test('leaves nothing behind, and drops an answer that comes too late', async () => {
    const world = lab()
    let end: (records: never) => void = () => {}
    world.answer(
      new Promise<never>((resolve) => {
        end = resolve
      }),
    )
    const refreshed = world.source.refresh('users')

    world.source.dispose()
    end([srv('a.test')] as never)
    await refreshed

    expect(ids(world)).toBeUndefined()
    expect(world.clock.pending).toMatchObject({ timers: 0, background: 0 })
  })

  test.each<[object, string[]]>([
    [{}, ['name']],
    [{ name: 'a b' }, ['name']],
    [{ name: 'a', type: 'A' }, ['port']],
    [{ name: 'a', port: 80 }, ['port']],
    [{ name: 'a', refreshMs: 500 }, ['refreshMs']],
    [{ name: 'a', port: 80, type: NaN }, ['type']],
    [{ name: 'a', port: NaN }, ['port']],
    [{ name: 'a', refreshMs: NaN, minRefreshMs: 60_000 }, ['refreshMs']],
    [{ name: 'a', refreshMs: 500, minRefreshMs: NaN }, ['minRefreshMs']],
    [{ name: 5 }, ['name']],
    [
      { name: 'a', type: 'MX', servers: [5], resolver: {}, clock: {} },
      ['clock', 'resolver', 'servers[0]', 'type'],
    ],
  ])('refuses %o', (options, paths) => {
    let error: unknown
    try {
      new DnsSource(options as DnsSourceOptions)
    } catch (thrown) {
      error = thrown
    }

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect((error as InvalidOptionsError).issues.map(({ path }) => path).sort()).toEqual(paths)
  })
})
