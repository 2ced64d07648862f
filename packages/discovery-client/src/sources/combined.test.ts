import { InvalidOptionsError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import type { InstanceSource } from '../instance.js'
import { FailoverSource } from './failover-source.js'
import { MergedSource } from './merged-source.js'
import { StaticSource } from './static-source.js'

const [one, two, three] = ['http://a:1', 'http://a:2', 'http://a:3'] as const
const down = { host: 'a', port: 4, status: 'DOWN' } as const

const ports = (source: {
  snapshot(service: string): { instances: readonly { port: number }[] } | undefined
}): unknown => source.snapshot('users')?.instances.map(({ port }) => port)

describe('a merged source', () => {
  test('has the instances of all, each once, the earlier source first', () => {
    const first = new StaticSource({ users: [{ host: 'a', port: 1, weight: 7 }] })
    const merged = new MergedSource([first, new StaticSource({ users: [one, two] }), new StaticSource({})])

    expect(ports(merged)).toEqual([1, 2])
    expect(merged.snapshot('users')?.instances[0]?.weight).toBe(7)
    expect(merged.snapshot('orders')).toBeUndefined()
  })

  test('is as old as its oldest part', async () => {
    const clock = new SimClock()
    await clock.advance(10)
    const old = new StaticSource({ users: [one] }, { clock })
    await clock.advance(50)

    expect(
      new MergedSource([new StaticSource({ users: [two] }, { clock }), old]).snapshot('users')?.updatedAt,
    ).toBe(10)
  })

  test('is of unknown age where no part tells its own', () => {
    const given = { ...new StaticSource({ users: [one] }).snapshot('users')!, updatedAt: undefined as never }
    const source: InstanceSource = { watch: () => () => undefined, snapshot: () => given }

    expect(new MergedSource([source]).snapshot('users')).toHaveProperty('updatedAt', undefined)
  })

  test('tells a watcher once of each change, and of none that changes nothing', () => {
    const [first, second] = [new StaticSource({ users: [one] }), new StaticSource({ users: [two] })]
    const merged = new MergedSource([first, second])
    const heard: number[][] = []
    const stop = merged.watch('users', ({ version, instances }) => heard.push([version, instances.length]))

    second.set({ users: [two, one] })
    second.set({ users: [two, three] })
    stop()
    first.set({})

    expect(heard).toEqual([
      [1, 2],
      [2, 3],
    ])
    expect(ports(merged)).toEqual([2, 3])
  })

  test('tells a watcher nothing before a part knows something', () => {
    const parts = [new StaticSource({}), new StaticSource({})]
    const heard: number[] = []
    new MergedSource(parts).watch('users', ({ instances }) => heard.push(instances.length))
    const before = heard.length
    parts[1]!.set({ users: [one] })
    parts[0]!.set({ users: [two] })

    expect([before, heard]).toEqual([0, [1, 2]])
  })

  test('watches its parts for as long as it is watched', () => {
    const watched: string[] = []
    const parts = ['first', 'second'].map((name): InstanceSource => ({
      watch: (service) => {
        watched.push(name)
        return () => watched.push(`${name} ${service} no more`)
      },
      snapshot: () => undefined,
    }))
    const stop = new MergedSource(parts).watch('users', () => undefined)
    const during = [...watched]
    stop()

    expect(during).toEqual(['first', 'second'])
    expect(watched.slice(2)).toEqual(['first users no more', 'second users no more'])
  })

  test('gives the same snapshot while its parts are the same', () => {
    const merged = new MergedSource([new StaticSource({ users: [one] })])

    expect(merged.snapshot('users')).toBe(merged.snapshot('users'))
  })
})

describe('a fail-over source', () => {
  test('takes the first source with enough instances that are up', () => {
    const [first, second] = [
      new StaticSource({ users: [one, down] }),
      new StaticSource({ users: [two, three] }),
    ]

    expect(ports(new FailoverSource([first, second]))).toEqual([1, 4])
    expect(ports(new FailoverSource([first, second], { minUp: 2 }))).toEqual([2, 3])
    expect(ports(new FailoverSource([first, second], { minUp: 3 }))).toEqual([2, 3])
    expect(ports(new FailoverSource([new StaticSource({}), second]))).toEqual([2, 3])
    expect(ports(new FailoverSource([new StaticSource({}), new StaticSource({})]))).toBeUndefined()
  })

  test('takes the first of those that have equally too few', () => {
    const sources = [new StaticSource({ users: [one] }), new StaticSource({ users: [two] })]

    expect(ports(new FailoverSource(sources, { minUp: 2 }))).toEqual([1])
  })

  test('changes over when the first has nobody left, and back', () => {
    const first = new StaticSource({ users: [one] })
    const source = new FailoverSource([first, new StaticSource({ users: [two] })])
    const heard: (number | undefined)[] = []
    source.watch('users', ({ instances }) => heard.push(instances[0]?.port))

    first.set({ users: [down] })
    first.set({})
    first.set({ users: [one] })

    expect(heard).toEqual([1, 2, 1])
  })
})

test.each([
  [(): unknown => new MergedSource([]), 'sources'],
  [(): unknown => new MergedSource([new StaticSource({}), {} as never]), 'sources[1]'],
  [(): unknown => new FailoverSource([null as never]), 'sources[0]'],
  [(): unknown => new FailoverSource([new StaticSource({})], { minUp: 0 }), 'minUp'],
])('refuses what is no list of sources: %s', (make, path) => {
  let error: unknown
  try {
    make()
  } catch (thrown) {
    error = thrown
  }

  expect(error).toBeInstanceOf(InvalidOptionsError)
  expect((error as InvalidOptionsError).issues.map((issue) => issue.path)).toEqual([path])
})
