/** Sources of the user that break what the contract says: the balancer reports it, and goes on with what it can use. */
import { onInternalError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import type { InstanceSource, Snapshot } from '../instance.js'
import { reportsOfEach, snapshotOf, sourceWith } from '../sources/strange-source.model.js'
import { createBalancer } from './balancer.js'
import type { Balancer } from './balancer.js'
import { fleet, lab, RawSource, thrownBy } from './balancing.model.js'

const reports = reportsOfEach()
const [first, second, third] = fleet(3)
const ids = (balancer: Balancer): string[] =>
  Array.from({ length: 4 }, () => {
    const pick = balancer.pick()
    pick.done('ignored')
    return pick.instance.id
  }).sort()
const known = (balancer: Balancer): string[] => balancer.snapshot().instances.map(({ id }) => id)
const balancerOf = (source: Partial<InstanceSource>): Balancer =>
  createBalancer({
    source: sourceWith(source),
    service: 'users',
    strategy: 'roundRobin',
  })

describe('a list with an entry that cannot be used', () => {
  const throwing = Object.defineProperty({ ...third! }, 'status', {
    get: () => {
      throw new Error('oops')
    },
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['a number', 5],
    ['an entry without an id', { ...third!, id: undefined }],
    ['an entry whose status throws', throwing],
    ['an entry with port 0', { ...third!, port: 0 }],
    ['an entry without a host', { ...third!, host: undefined }],
  ])('is used without it: %s', (_name, bad) => {
    const { balancer, source } = lab([first!], { strategy: 'roundRobin' })
    source.publish([first!, bad as never, second!])

    expect(ids(balancer)).toEqual(['i0', 'i0', 'i1', 'i1'])
    expect(known(balancer)).toEqual(['i0', 'i1'])
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatch(/^source of a balancer: TypeError: users: 1 entry of .* \[1\]: /)
  })

  test('is told with the number of those and what is wrong with the first', () => {
    lab([first!, null, { ...second!, port: NaN }] as never)

    expect(reports).toEqual([
      'source of a balancer: TypeError: users: 2 entries of the list cannot be used, the first [1]: must be an object',
    ])
  })

  test('is told with what the first of those threw', () => {
    const causes: unknown[] = []
    const stop = onInternalError((error) => causes.push((error as Error).cause))
    lab([first!, throwing])
    stop()

    expect(causes).toEqual([new Error('oops')])
  })

  test('of which nothing can be used leaves nobody to call', () => {
    const { balancer, source } = lab([first!])
    source.publish([null] as never)

    expect(String(thrownBy(() => balancer.pick()))).toContain('no instance to call (0 known')
  })

  test('keeps what is known of the others, and gives out what the source has given', () => {
    const { balancer, source } = lab([first!, second!])
    const pick = balancer.pick()
    source.publish([null, first!, second!] as never)

    expect(balancer.snapshot().instances.find(({ id }) => id === pick.instance.id)?.inFlight).toBe(1)
    expect([first, second].includes(balancer.pick().instance)).toBe(true)
  })
})

test('an instance without metadata is one with none', () => {
  const bare = { ...second!, metadata: undefined as never }
  const world = (options: object): Balancer => lab([bare, first!], options).balancer

  expect(ids(world({ strategy: 'primaryBackup', priority: {}, ejection: false }))).toContain('i1')
  expect(String(thrownBy(() => world({ filter: { version: '2' } }).pick()))).toContain('2 known, none chosen')
  expect(reports).toEqual([])
})

describe('what is no snapshot with a list', () => {
  const unreadable = {
    get instances(): never {
      throw new Error('oops')
    },
  }

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'TypeError: users: a snapshot must have a list of instances'],
    ['null', null, 'TypeError: users: a snapshot must have a list of instances'],
    ['no list', snapshotOf(undefined), 'TypeError: users: a snapshot must have a list of instances'],
    ['a set', snapshotOf(new Set([first])), 'TypeError: users: a snapshot must have a list of instances'],
    ['one that cannot be read', unreadable, 'Error: oops'],
  ])('leaves the last good list in use: %s', (_name, bad, report) => {
    let tell: (given: Snapshot) => void = () => {}
    const balancer = balancerOf({
      watch: (_service, listener) => {
        tell = listener
        return () => {}
      },
    })
    tell(snapshotOf([first, second], 7))
    tell(bad as Snapshot)

    expect(ids(balancer)).toEqual(['i0', 'i0', 'i1', 'i1'])
    expect(balancer.snapshot().version).toBe(7)
    expect(reports).toEqual([`source of a balancer: ${report}`])
  })
})

describe('a source whose watch does not tell the present list', () => {
  test('is asked for it once', () => {
    let asked = 0
    const balancer = balancerOf({
      snapshot: (service) => {
        asked++
        return { ...snapshotOf([first]), service }
      },
    })

    expect(ids(balancer)).toEqual(['i0', 'i0', 'i0', 'i0'])
    expect(asked).toBe(1)
  })

  test('is not asked when it has told', () => {
    const source = new RawSource()
    source.publish([first!])
    balancerOf({
      watch: (service, listener) => source.watch(service, listener),
      snapshot: () => {
        throw new Error('not needed')
      },
    })

    expect(reports).toEqual([])
  })

  test('may know nothing yet, or throw', () => {
    const quiet = balancerOf({})
    const loud = balancerOf({
      snapshot: () => {
        throw new Error('oops')
      },
    })

    for (const balancer of [quiet, loud])
      expect(String(thrownBy(() => balancer.pick()))).toContain('the source does not know it yet')
    expect(reports).toEqual(['source of a balancer: Error: oops'])
  })

  test('is read as carefully as what it tells', () => {
    expect(ids(balancerOf({ snapshot: () => snapshotOf([null, first]) }))).toEqual(['i0', 'i0', 'i0', 'i0'])
    expect(reports).toHaveLength(1)
  })

  test('tells of neighbours too', () => {
    const balancer = createBalancer({
      source: { watch: () => () => {}, snapshot: () => snapshotOf([null, ...fleet(4)]) },
      service: 'users',
      subset: { size: 2, clientId: 'i1', peers: 'clients' },
    })

    // The second of four clients has the second half of the ring of four.
    expect(balancer.snapshot().instances).toHaveLength(4)
    expect(new Set(Array.from({ length: 50 }, () => balancer.pick().instance.id)).size).toBe(2)
    expect(reports).toHaveLength(2)
  })
})

describe('the end of a watch', () => {
  const unwatches: [string, unknown, string][] = [
    ['is no function', undefined, 'TypeError: users: watch must return a function that ends it'],
    [
      'throws',
      () => {
        throw new Error('oops')
      },
      'Error: oops',
    ],
  ]

  test.each(unwatches)('that %s is reported once, and the rest of dispose is done', (_name, end, report) => {
    let tell: (given: Snapshot) => void = () => {}
    const balancer = balancerOf({
      watch: (_service, listener) => {
        tell = listener
        return end as () => void
      },
    })
    const heard: string[] = []
    balancer.on('added', ({ instance }) => heard.push(instance.id))
    tell(snapshotOf([first]))
    balancer.dispose()
    balancer.dispose()
    tell(snapshotOf([first, second], 2))

    expect(reports).toEqual([`source of a balancer: ${report}`])
    expect(heard).toEqual(['i0'])
    expect(known(balancer)).toEqual(['i0'])
  })

  test('that rejects is reported', async () => {
    const balancer = balancerOf({ watch: () => () => Promise.reject(new Error('late')) })
    balancer.dispose()
    await Promise.resolve()

    expect(reports).toEqual(['source of a balancer: Error: late'])
  })

  test('comes at once when another watch of the same balancer cannot begin', () => {
    const source = new RawSource()
    const error = thrownBy(() =>
      createBalancer({
        source: {
          watch: (service, listener) => {
            if (service === 'clients') throw new Error('nobody of this name')
            return source.watch(service, listener)
          },
          snapshot: () => undefined,
        },
        service: 'users',
        subset: { size: 2, clientId: 'i1', peers: 'clients' },
      }),
    )

    expect([error, source.watchers]).toEqual([new Error('nobody of this name'), 0])
  })
})
