import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { eventually } from '../transport/hostile-server.model.js'
import { ConsulSource } from './consul-source.js'
import type { ConsulSourceOptions } from './consul-source-options.js'
import { consulLab, entry, ids, queries } from './consul.model.js'

describe('a Consul source', () => {
  test('asks once without waiting, then lets each query wait for a change, and publishes it', async () => {
    const lab = await consulLab()
    lab.consul.set(7, [entry('a')])
    const heard: number[] = []
    lab.source.watch('users', ({ version, instances }) => heard.push(version * 10 + instances.length))
    await lab.source.ready('users')
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)
    lab.consul.set(9, [entry('a'), entry('b')])
    await eventually(() => heard.length === 2)
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)

    expect(lab.consul.requests).toEqual([
      'GET /v1/health/service/users?passing=1',
      'GET /v1/health/service/users?passing=1&index=7&wait=60000ms',
      'GET /v1/health/service/users?passing=1&index=9&wait=60000ms',
    ])
    expect(heard).toEqual([11, 22])
    expect(lab.consul.accepted).toBe(1)
  })

  test('renews the age of the list, and tells nobody, when a query ends without a change', async () => {
    const lab = await consulLab()
    lab.consul.set(7, [entry('a')])
    const heard: number[] = []
    lab.source.watch('users', ({ version }) => heard.push(version))
    await lab.source.ready('users')
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)
    await lab.clock.advance(59_000)

    lab.consul.timeOut()
    await eventually(() => lab.source.snapshot('users')?.updatedAt === 60_000)

    expect(heard).toEqual([1])
  })

  test('asks for what it is told to ask for, with its token in a header', async () => {
    const tokens = ['first', 'second']
    const lab = await consulLab({
      token: () => tokens.shift(),
      datacenter: 'dc2',
      tags: ['blue', 'b&w'],
      filter: 'Service.Meta.version == "2"',
      passing: false,
      consistency: 'stale',
      waitMs: 5_000,
    })
    lab.consul.set(3, [entry('a')])
    await lab.source.ready('users/../x y')
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)

    const rest = 'dc=dc2&tag=blue&tag=b%26w&filter=Service.Meta.version+%3D%3D+%222%22&stale='
    expect(lab.consul.requests).toEqual([
      `GET /v1/health/service/users%2F..%2Fx%20y?${rest}`,
      `GET /v1/health/service/users%2F..%2Fx%20y?${rest}&index=3&wait=5000ms`,
    ])
    expect(lab.consul.headers.map((headers) => headers['x-consul-token'])).toEqual(['first', 'second'])
  })

  test('asks from the beginning when the index goes back, and with 1 when it is 0', async () => {
    const lab = await consulLab()
    lab.consul.set(50, [entry('a')])
    await lab.source.ready('users')
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)
    lab.consul.set(20, [entry('b')])
    await eventually(() => String(ids(lab)) === 'b')
    lab.consul.set(0, [entry('c')])
    await lab.clock.advance(1_000)
    await eventually(() => String(ids(lab)) === 'c')
    lab.consul.set(1, [entry('c')])
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)

    const indexes = lab.consul.requests.map((line) => /index=(\d+)/.exec(line)?.[1])
    expect(indexes).toEqual([undefined, '50', undefined, '1'])
  })

  test('asks no more often than its interval, whatever changes', async () => {
    const lab = await consulLab({ minIntervalMs: 400, random: { next: () => 0.999_999 } })
    lab.consul.set(1, [entry('a')])
    await lab.source.ready('users')
    const seen: number[] = []
    for (let index = 2; index < 5; index++) {
      lab.consul.set(index, [entry(`a${String(index)}`)])
      await lab.clock.advance(499)
      seen.push(await queries(lab))
      await lab.clock.advance(1)
      await eventually(() => String(ids(lab)) === `a${String(index)}`)
    }

    expect(seen).toEqual([1, 2, 3])
  })

  test('asks at once after a query that took longer than its interval', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    await lab.source.ready('users')
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)
    await lab.clock.advance(1_000)
    lab.consul.set(2, [entry('b')])
    await eventually(() => String(ids(lab)) === 'b')
    await lab.clock.advance(0)

    expect(await queries(lab)).toBe(3)
  })

  test('makes instances with zone, weight and state of health of what Consul says', async () => {
    const lab = await consulLab({ passing: false })
    const weights = { Weights: { Passing: 5, Warning: 2 } }
    const checks = (...list: readonly string[]): object => ({
      Checks: list.map((Status) => ({ CheckID: 'c', Status })),
    })
    lab.consul.set(1, [
      entry('a', { ...weights, Address: '', Meta: { zone: 'own', secure: 'true' } }),
      entry('b', weights, checks('passing', 'warning')),
      entry('c', weights, checks('warning', 'critical')),
      entry('d', {}, { Checks: [{ CheckID: '_service_maintenance:d', Status: 'critical' }] }),
    ])
    await lab.source.ready('users')

    expect(lab.source.snapshot('users')?.instances).toMatchObject([
      { id: 'node-1/a', host: '10.0.0.1', port: 80, zone: 'own', secure: true, weight: 5, status: 'UP' },
      { id: 'node-1/b', host: '10.0.0.2', zone: 'node-zone', secure: false, weight: 2, status: 'UP' },
      { id: 'node-1/c', weight: 5, status: 'DOWN' },
      { id: 'node-1/d', weight: 1, status: 'OUT_OF_SERVICE' },
    ])
  })

  test('keeps the last list when nobody is in service any more, says so once, and takes the next one', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [entry('a')])
    await lab.source.ready('users')
    for (const [index, list] of [
      [2, []],
      [3, []],
    ] as const) {
      lab.consul.set(index, list)
      await lab.clock.advance(1_000)
      await eventually(() => lab.consul.requests.length === index)
    }
    await eventually(() => lab.errors.length === 1)
    const during = ids(lab)
    lab.consul.set(4, [entry('b')])
    await lab.clock.advance(1_000)
    await eventually(() => String(ids(lab)) === 'b')

    expect(during).toEqual(['a'])
    expect(lab.errors).toEqual(['users: nobody is in service; the last 1 are kept'])
  })

  test('is as old as the server says that its answer is, and never younger by an answer that nobody can date', async () => {
    const lab = await consulLab({ consistency: 'stale' })
    const answerWith = (index: number, headers: object): void => {
      lab.consul.misbehave((response) => {
        response.writeHead(200, { 'x-consul-index': String(index), ...headers })
        response.end(JSON.stringify([entry(`a${String(index)}`)]))
      })
    }
    const ages: number[] = []
    const next = async (index: number, headers: object): Promise<void> => {
      answerWith(index, headers)
      await lab.clock.advance(1_000)
      await eventually(() => String(ids(lab)) === `a${String(index)}`)
      ages.push(lab.clock.now() - (lab.source.snapshot('users')?.updatedAt ?? NaN))
    }
    answerWith(1, {})
    await lab.source.ready('users')
    await next(2, { 'x-consul-knownleader': 'true', 'x-consul-lastcontact': '300' })
    await next(3, { 'x-consul-knownleader': 'false', 'x-consul-lastcontact': '0' })
    await next(4, { 'x-consul-knownleader': 'true', 'x-consul-lastcontact': '9000' })
    await next(5, { 'x-consul-knownleader': 'true', 'x-consul-lastcontact': '0' })

    expect(ages).toEqual([300, 1_300, 2_300, 0])
  })

  test('believes an empty list that is the first', async () => {
    const lab = await consulLab()
    lab.consul.set(1, [])
    await lab.source.ready('users')

    expect([ids(lab), lab.errors]).toEqual([[], []])
  })

  test('believes an empty list if told to', async () => {
    const lab = await consulLab({ keepOnEmpty: false })
    lab.consul.set(1, [entry('a')])
    await lab.source.ready('users')
    lab.consul.set(2, [])
    await lab.clock.advance(1_000)
    await eventually(() => String(ids(lab)) === '')

    expect([ids(lab), lab.errors]).toEqual([[], []])
  })

  test('S6: shows no token that it refuses', () => {
    expect(() => new ConsulSource({ url: 'http://a', token: 'secret\n' })).toThrow(
      'token: expected a token of printable characters, or a function that answers one, received "string"',
    )
  })

  test.each<[object, string[]]>([
    [{}, ['url']],
    [{ url: 'consul:8500' }, ['url']],
    [{ url: 'http://a/?dc=x' }, ['url']],
    [{ url: 'http://a', waitMs: 600_001, maxRetryMs: 500 }, ['maxRetryMs', 'waitMs']],
    [{ url: 'http://a', token: 'a\nb', tags: ['', 5] }, ['tags[0]', 'tags[1]', 'token']],
    [{ url: 'http://a', tls: { rejectUnauthorized: false } }, ['tls.rejectUnauthorized']],
    [
      { url: 'http://a', consistency: 'strong', filter: '', clock: {}, random: {} },
      ['clock', 'consistency', 'filter', 'random'],
    ],
  ])('refuses %o', (options, paths) => {
    let error: unknown
    try {
      new ConsulSource(options as ConsulSourceOptions)
    } catch (thrown) {
      error = thrown
    }

    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect((error as InvalidOptionsError).issues.map(({ path }) => path).sort()).toEqual(paths)
  })
})
