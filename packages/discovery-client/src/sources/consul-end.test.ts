import { describe, expect, test } from 'vitest'
import { eventually } from '../transport/hostile-server.model.js'
import { consulLab, entry, ids } from './consul.model.js'

const NOTHING = { timers: 0, background: 0, io: 0, afterPoll: 0 }

describe('the end of a Consul source', () => {
  test('takes the waiting query back, closes its socket, and leaves no timer; what is known can still be read', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    await lab.source.ready('users')
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)

    lab.source[Symbol.dispose]()
    await eventually(() => lab.consul.connections() === 0)
    await eventually(() => lab.clock.pending.background === 0)
    lab.consul.set(2, [entry('b')])
    await lab.clock.advance(100_000)

    expect(lab.clock.pending).toEqual(NOTHING)
    expect([ids(lab), lab.consul.requests.length, lab.errors]).toEqual([['a'], 2, []])
  })

  test('ends who waits for the first answer', async () => {
    const lab = await consulLab()
    lab.consul.misbehave(() => undefined)
    const ready = lab.source.ready('users')
    await eventually(() => lab.consul.requests.length === 1)
    await lab.clock.advance(1)
    // The process stays for them.
    const held = lab.clock.pending.timers
    lab.source.dispose()
    await ready

    await lab.source.ready('users')
    expect([held, ids(lab), lab.errors, lab.consul.requests.length]).toEqual([1, undefined, [], 1])
    await eventually(() => lab.clock.pending.timers === 0)
    expect(lab.clock.pending).toEqual(NOTHING)
  })
})

describe('a Consul source that is watched', () => {
  test('asks for who only watches, and tells nobody any more when one of them disposes of it', async () => {
    const lab = await consulLab()
    const heard: unknown[] = []
    lab.consul.set(1, [entry('a')])
    const told = new Promise<void>((resolve) => {
      lab.source.watch('users', () => {
        lab.source.dispose()
        resolve()
      })
    })
    lab.source.watch('users', (snapshot) => heard.push(snapshot))
    await told

    expect([ids(lab), heard]).toEqual([['a'], []])
  })

  test('asks on for who waits, when somebody ends a watch for the second time', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    const unwatch = lab.source.watch('users', () => {})
    unwatch()
    const ready = lab.source.ready('users')
    unwatch()
    await ready

    expect(ids(lab)).toEqual(['a'])
  })

  test('asks for who only looks', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    await eventually(() => lab.source.snapshot('users') !== undefined)

    expect(ids(lab)).toEqual(['a'])
  })

  test('has one query for each service, until its last watcher has left', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    const first = lab.source.watch('users', () => {})
    const second = lab.source.watch('users', () => {})
    lab.source.watch('orders', () => {})
    await Promise.all([lab.source.ready('users'), lab.source.ready('orders')])
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 2)
    first()
    first()
    expect(lab.consul.connections()).toBe(2)

    second()
    second()
    await eventually(() => lab.consul.connections() === 1)
    const heard: string[] = []
    lab.source.watch('users', ({ instances }) => heard.push(instances.map(({ id }) => id).join()))
    await lab.source.ready('users')

    expect(heard).toEqual(['node-1/a'])
    expect(lab.consul.requests.filter((line) => line.includes('users'))).toHaveLength(3)
  })

  test('forgets whom nobody has watched for long, when there are many of them', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    for (const service of ['first', 'users']) {
      const unwatch = lab.source.watch(service, () => {})
      await lab.source.ready(service)
      unwatch()
    }

    for (let nth = 0; nth < 999; nth++) lab.source.watch(`service-${String(nth)}`, () => {})()

    expect(lab.source.snapshot('first')).toBeUndefined()
    expect(ids(lab)).toEqual(['a'])
  })

  test('forgets nobody who is watched again, though Consul has not answered since', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    const unwatch = lab.source.watch('users', () => {})
    await lab.source.ready('users')
    unwatch()
    lab.source.watch('users', () => {})

    for (let nth = 0; nth < 1_000; nth++) lab.source.watch(`service-${String(nth)}`, () => {})()

    expect(ids(lab)).toEqual(['a'])
  })

  test('asks nothing for what can be no name', async () => {
    const lab = await consulLab()
    for (const service of ['', '.', '..', 'a\nb', 'x'.repeat(256), '\ud800', 5 as never])
      await lab.source.ready(service)

    expect(lab.consul.requests).toEqual([])
  })

  test('keeps no process alive', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    const holding = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
    await lab.source.ready('users')
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)

    // The one of the server is left; the second query is the first that undici begins on a socket it has had.
    expect(holding()).toBe(lab.consul.connections())
    expect(lab.clock.pending.timers).toBe(0)
  })
})
