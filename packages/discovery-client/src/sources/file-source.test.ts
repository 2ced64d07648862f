import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { InvalidOptionsError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { FileSource } from './file-source.js'
import type { FileSourceOptions } from './file-source.js'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

interface Lab {
  readonly source: FileSource
  readonly clock: SimClock
  readonly errors: Error[]
  readonly write: (content: unknown) => Promise<void>
  readonly file: string
}

async function lab(first: unknown, options: FileSourceOptions = {}): Promise<Lab> {
  const folder = await mkdtemp(`${tmpdir()}/file-source-`)
  folders.push(folder)
  const file = `${folder}/instances.json`
  const write = async (content: unknown): Promise<void> => {
    await writeFile(`${file}.next`, typeof content === 'string' ? content : JSON.stringify(content))
    await rename(`${file}.next`, file)
  }
  if (first !== undefined) await write(first)
  const clock = new SimClock()
  const source = new FileSource(file, { clock, ...options })
  const errors: Error[] = []
  source.on('error', ({ error }) => errors.push(error))
  await source.ready
  return { source, clock, errors, write, file }
}

const ports = ({ source }: Lab): unknown => source.snapshot('users')?.instances.map(({ port }) => port)

describe('a file source', () => {
  test('is as old as the last look that found the same, and no younger by looks at what cannot be used', async () => {
    const world = await lab({ users: ['http://a:1'] })
    const updates: object[] = []
    world.source.on('update', (update) => updates.push(update))
    const ageAt = async (): Promise<number> => {
      await world.clock.advance(100)
      await world.source.refresh()
      return world.clock.now() - world.source.snapshot('users')!.updatedAt
    }
    const unchanged = await ageAt()
    await world.write({ users: ['http://a:1'] })
    const writtenAgain = await ageAt()
    await world.write('{ "users": [')
    const broken = [await ageAt(), await ageAt()]
    await world.write({ users: ['http://a:1'] })

    expect([unchanged, writtenAgain, ...broken, await ageAt()]).toEqual([0, 0, 100, 200, 0])
    expect([updates, world.errors.length]).toEqual([[], 1])
  })

  test('reads the file, and follows it as it is replaced', async () => {
    const world = await lab({ users: ['http://a:1'] })
    const heard: number[] = []
    const updates: object[] = []
    world.source.watch('users', ({ version, instances }) => heard.push(version * 10 + instances.length))
    world.source.on('update', (update) => updates.push(update))

    await world.write({ users: ['http://a:1', 'http://a:2'], orders: ['http://b:1'] })
    await world.source.refresh()
    await world.source.refresh()
    await world.write({ orders: [] })
    await world.source.refresh()

    expect(heard).toEqual([11, 22, 30])
    expect(updates).toEqual([
      { services: 2, instances: 3 },
      { services: 1, instances: 0 },
    ])
    expect(world.errors).toEqual([])
    world.source.dispose()
  })

  test('reads a file that was written in its place, as large as before and with the time of modification as before', async () => {
    const world = await lab({ users: ['http://a:1'] })
    await utimes(world.file, 1, 1)
    await world.source.refresh()
    await writeFile(world.file, JSON.stringify({ users: ['http://a:2'] }))
    await utimes(world.file, 1, 1)
    await world.source.refresh()

    expect(ports(world)).toEqual([2])
    world.source.dispose()
  })

  test.each([
    ['half a file', '{ "users": ["http://a:'],
    ['no lists', '[]'],
    ['one bad address', { users: ['http://a:2', 'nowhere'] }],
    ['an id that occurs twice', { users: ['http://a:2', 'http://a:2'] }],
  ])('keeps the last good lists over %s, says so once, and takes the next good ones', async (_what, bad) => {
    const world = await lab({ users: ['http://a:1'] })

    await world.write(bad)
    await world.source.refresh()
    await world.source.refresh()
    const during = ports(world)
    await world.write({ users: ['http://a:3'] })
    await world.source.refresh()

    expect([during, ports(world), world.errors.length]).toEqual([[1], [3], 1])
    world.source.dispose()
  })

  test('is ready without a file, and reads it when it comes', async () => {
    const world = await lab(undefined)
    await world.source.refresh()
    const before = ports(world)
    await world.write({ users: ['http://a:1'] })
    await world.source.refresh()

    expect([before, ports(world)]).toEqual([undefined, [1]])
    world.source.dispose()
  })

  test('keeps the last good lists when the file goes away, and their age tells', async () => {
    const world = await lab({ users: ['http://a:1'] })
    await rm(world.file)
    world.clock.advance(10).catch(() => {})
    await world.source.refresh()

    expect(ports(world)).toEqual([1])
    expect(world.source.snapshot('users')?.updatedAt).toBe(0)
    expect(world.errors[0]?.message).toContain('ENOENT')
    world.source.dispose()
  })

  test('looks by itself after a while, without a timer that holds the process', async () => {
    const world = await lab({ users: ['http://a:1'] }, { pollMs: 500 })
    await world.write({ users: ['http://a:2'] })
    const changed = new Promise((resolve) => world.source.on('update', resolve))
    expect(world.clock.pending).toMatchObject({ timers: 0, background: 1 })

    await world.clock.advance(500)
    await changed

    expect(ports(world)).toEqual([2])
    world.source.dispose()
  })

  test('refuses a file that is too large', async () => {
    const world = await lab({ users: ['http://a:1'] }, { maxBytes: 10 })
    await world.source.refresh()

    expect(ports(world)).toBeUndefined()
    world.source.dispose()
  })

  test('tells nobody any more when a listener disposes of it', async () => {
    const world = await lab({ users: ['http://a:1'] })
    const heard: number[] = []
    world.source.watch('users', ({ version }) => {
      if (version === 2) world.source.dispose()
    })
    world.source.watch('users', ({ version }) => heard.push(version))
    world.source.on('update', ({ instances }) => heard.push(instances))
    await world.write({ users: ['http://a:2'] })
    await world.source.refresh()

    expect([heard, ports(world)]).toEqual([[1], [2]])
  })

  test('leaves nothing behind, and can still be read', async () => {
    const world = await lab({ users: ['http://a:1'] })
    world.source[Symbol.dispose]()
    await world.write({ users: ['http://a:2'] })
    await world.source.refresh()

    expect(world.clock.pending).toMatchObject({ timers: 0, background: 0 })
    expect(ports(world)).toEqual([1])
  })

  test('forgets the oldest of those who have long had nobody, and does not remember it by that', async () => {
    const others = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, nth) => [`service-${String(nth)}`, ['http://a:1']]),
    )
    const world = await lab({ late: [], users: ['http://a:1'], ...others })
    const known = (): unknown[] =>
      ['users', 'service-0', 'service-1', 'service-2'].map(
        (service) => world.source.snapshot(service)?.version,
      )
    const unwatch = world.source.watch('late', () => undefined)
    await world.write({ late: [], users: ['http://a:1'] })
    await world.source.refresh()
    await world.write({ late: [] })
    await world.source.refresh()
    const first = known()
    unwatch()
    await world.source.refresh()

    expect([first, known()]).toEqual([
      [2, undefined, 2, 2],
      [2, undefined, undefined, 2],
    ])
  })

  test('drops what it is reading when it is disposed of', async () => {
    const world = await lab({ users: ['http://a:1'] })
    await world.write({ users: ['http://a:2'] })
    const look = world.source.refresh()
    world.source.dispose()
    await look

    expect(ports(world)).toEqual([1])
  })

  test.each([
    ['', {}],
    ['x', { pollMs: 0 }],
    ['x', { maxBytes: 0 }],
    ['x', { clock: {} }],
    ['x', { poll: 5 }],
  ])('refuses %j with %o', (path, options) => {
    expect(() => new FileSource(path, options as never)).toThrow(InvalidOptionsError)
  })
})
