/** Parts of combined sources that break what the contract says. */
import { describe, expect, test } from 'vitest'
import type { InstanceSource, Snapshot } from '../instance.js'
import { instanceOf } from './core/read-instances.js'
import { FailoverSource } from './failover-source.js'
import { MergedSource } from './merged-source.js'
import { StaticSource } from './static-source.js'
import { reportsOfEach, snapshotOf, sourceWith } from './strange-source.model.js'

const reports = reportsOfEach()
const BOTH = [MergedSource, FailoverSource] as const
const instance = (port: number): object => instanceOf({ host: 'a', port })
const ports = (source: InstanceSource): unknown => source.snapshot('users')?.instances.map(({ port }) => port)

describe.each(BOTH)('%o', (Combined) => {
  const name = Combined.name

  test('keeps no list of a part that has said since that it knows none', () => {
    const answers = [() => snapshotOf([instance(1)]), () => undefined]
    const fails = (): never => {
      throw new Error('down')
    }
    const other = snapshotOf([instance(2)])
    const source = new Combined([
      sourceWith({ snapshot: () => (answers.shift() ?? fails)() }),
      sourceWith({ snapshot: () => other }),
    ])

    expect(ports(source)).toContain(1)
    expect([ports(source), ports(source)]).toEqual([[2], [2]])
  })

  test('leaves out entries of a part that cannot be used, and reports them once', () => {
    const given = snapshotOf([null, instance(1), { id: 'x' }])
    const source = new Combined([sourceWith({ snapshot: () => given })])

    expect([ports(source), ports(source)]).toEqual([[1], [1]])
    expect(reports).toEqual([
      `sources[0] of a ${name}: TypeError: users: 2 entries of the list cannot be used, the first [0]: must be an object`,
    ])
  })

  test('keeps the last good list of a part that throws, or gives no list', () => {
    let answer: () => unknown = () => snapshotOf([instance(1)])
    const source = new Combined([sourceWith({ snapshot: () => answer() })])
    const seen = [ports(source)]
    for (const bad of [null, snapshotOf('none'), 5]) {
      answer = () => bad
      seen.push(ports(source), ports(source))
    }
    answer = () => {
      throw new Error('oops')
    }
    seen.push(ports(source))
    answer = () => snapshotOf([instance(2)])

    expect(seen.every((list) => JSON.stringify(list) === '[1]')).toBe(true)
    expect(ports(source)).toEqual([2])
    expect(reports).toHaveLength(4)
  })

  test.each([
    ['throws', (): Snapshot => JSON.parse('oops') as Snapshot],
    ['gives no list', () => snapshotOf(undefined)],
  ])('keeps the last good list of a part that %s while another one changes', (_name, bad) => {
    let answer = (): Snapshot => snapshotOf([instance(1)])
    const other = new StaticSource({ users: ['http://a:2'] })
    const source = new Combined([sourceWith({ snapshot: () => answer() }), other])
    ports(source)
    answer = bad
    other.set({ users: ['http://a:3'] })

    expect(ports(source)).toEqual(Combined === MergedSource ? [1, 3] : [1])
  })

  test('goes on without a part that throws and never knew anything', () => {
    const broken = sourceWith({
      snapshot: () => {
        throw new Error('oops')
      },
    })

    expect(ports(new Combined([broken, new StaticSource({ users: ['http://a:2'] })]))).toEqual([2])
    expect(reports).toEqual([`sources[0] of a ${name}: Error: oops`])
  })

  test('tells a watcher at once what a part knows whose watch does not tell it', () => {
    const heard: number[] = []
    const known = snapshotOf([instance(1)])
    new Combined([sourceWith({ snapshot: () => known })]).watch('users', ({ instances }) =>
      heard.push(instances.length),
    )

    expect(heard).toEqual([1])
  })

  test('ends the watches of all parts, though that of one cannot be ended or throws', () => {
    let ended = 0
    const throwing = (): void => {
      throw new Error('oops')
    }
    let tell = (): void => {}
    let known = snapshotOf([instance(1)])
    const deaf = sourceWith({
      watch: (_service: string, listener: () => void): void => {
        tell = listener
      },
      snapshot: () => known,
    })
    const heard: number[] = []
    const end = new Combined([
      deaf,
      sourceWith({ watch: () => throwing }),
      sourceWith({ watch: () => () => ended++ }),
    ]).watch('users', ({ instances }) => heard.push(instances.length))
    end()
    end()
    known = snapshotOf([instance(1), instance(2)])
    tell()

    expect([ended, heard]).toEqual([1, [1]])
    expect(reports).toEqual([
      `sources[0] of a ${name}: TypeError: users: watch must return a function that ends it`,
      `sources[1] of a ${name}: Error: oops`,
    ])
  })

  test('ends the watches it has begun when one cannot begin', () => {
    let ended = 0
    const source = new Combined([
      sourceWith({ watch: () => () => ended++ }),
      sourceWith({
        watch: () => {
          throw new Error('nobody of this name')
        },
      }),
    ])

    expect(() => source.watch('users', () => {})).toThrow('nobody of this name')
    expect(ended).toBe(1)
  })

  test('fences a listener that throws, as its parts may not', () => {
    let watches = 0
    const known = snapshotOf([instance(1)])
    const part = sourceWith({
      watch: (_service: string, listener: (snapshot: Snapshot) => void) => {
        watches++
        listener(known)
        return () => watches--
      },
      snapshot: () => known,
    })

    const end = new Combined([part]).watch('users', () => {
      throw new Error('oops')
    })
    end()

    expect(watches).toBe(0)
    expect(reports).toEqual([`${name}.watch: Error: oops`])
  })

  test('reports a listener whose promise rejects', async () => {
    const source = new Combined([sourceWith({ snapshot: () => snapshotOf([instance(1)]) })])

    source.watch('users', () => Promise.reject(new Error('oops')) as unknown as undefined)()
    await Promise.resolve()

    expect(reports).toEqual([`${name}.watch: Error: oops`])
  })

  test('compares instances without metadata', () => {
    const bare = (): object => ({ ...instance(1), metadata: undefined })
    const source = new Combined([sourceWith({ snapshot: () => snapshotOf([bare()]) })])

    expect([source.snapshot('users')?.version, source.snapshot('users')?.version]).toEqual([1, 1])
  })
})
