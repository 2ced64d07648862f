import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../../../servers/free-ports.ts'
import { eventually, json } from '../transport/hostile-server.model.js'
import { consulLab, entry, ids, queries } from './consul.model.js'
import type { ConsulLab } from './consul.model.js'

type Misbehaviour = (response: ServerResponse) => unknown

const good = (response: ServerResponse, body: unknown, headers: object = {}): void => {
  response.writeHead(200, { 'x-consul-index': '9', ...headers }).end(JSON.stringify(body))
}

/** A lab that knows one instance, whose next query is about to be sent. */
async function knowing(options: Parameters<typeof consulLab>[0] = {}): Promise<ConsulLab> {
  const lab = await consulLab({ maxBodyBytes: 2_000, maxInstances: 3, ...options })
  lab.consul.set(1, [entry('a')])
  await lab.source.ready('users')
  return lab
}

describe('E6: a Consul source keeps the last good list', () => {
  test.each<[string, Misbehaviour, string]>([
    [
      'an error of the server',
      (response) => response.writeHead(500).end('No cluster leader'),
      'CONSUL/ answered 500 for users',
    ],
    [
      'a refusal of the token',
      (response) => response.writeHead(403).end('ACL not found'),
      'CONSUL/ answered 403 for users',
    ],
    [
      'a redirect',
      (response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'CONSUL/ answered 302 for users',
    ],
    [
      'no index',
      (response) => {
        json(response, [entry('b')])
      },
      'CONSUL/ answers without the index that Consul gives',
    ],
    [
      'an index that is none',
      (response) => {
        good(response, [entry('b')], { 'x-consul-index': '1e3' })
      },
      'CONSUL/ answers without the index that Consul gives',
    ],
    [
      'a page',
      (response) => response.writeHead(200, { 'x-consul-index': '9' }).end('<html>'),
      'the answer is HTML or XML, not JSON',
    ],
    [
      'half a list',
      (response) => response.writeHead(200, { 'x-consul-index': '9' }).end('[{"Node":'),
      'the answer is not JSON',
    ],
    [
      'no list',
      (response) => {
        good(response, { Node: {} })
      },
      'CONSUL/ answers with no list, or one with too many entries',
    ],
    [
      'too many entries',
      (response) => {
        good(response, [1, 2, 3, 4])
      },
      'CONSUL/ answers with no list, or one with too many entries',
    ],
    [
      'too many bytes',
      (response) => {
        good(response, ['x'.repeat(3_000)])
      },
      'CONSUL/: the answer as sent is longer than 2000 bytes',
    ],
    [
      'an answer that breaks off',
      (response) => response.writeHead(200, { 'content-length': '99' }).write('[', () => response.destroy()),
      'CONSUL/ broke its answer off',
    ],
    [
      'instances that the token may not see',
      (response) => {
        good(response, [], { 'x-consul-results-filtered-by-acls': 'true' })
      },
      'the token may not see the instances of users',
    ],
  ])('over %s, and asks from the beginning afterwards', async (_what, bad, problem) => {
    const lab = await knowing()
    lab.consul.misbehave(bad)
    await lab.clock.advance(1_000)
    await eventually(() => lab.errors.length === 1)
    const during = ids(lab)
    lab.consul.misbehave(undefined)
    lab.consul.set(2, [entry('b')])
    await lab.clock.advance(1_000)
    await eventually(() => String(ids(lab)) === 'b')

    expect([during, lab.errors]).toEqual([['a'], [problem]])
    expect(lab.consul.requests.at(-1)).toBe('GET /v1/health/service/users?passing=1')
    expect(lab.source.snapshot('users')?.updatedAt).toBeGreaterThanOrEqual(1_500)
  })

  test('and waits longer after each failure, up to its limit, by chance and as asked by the server', async () => {
    const lab = await knowing({ maxRetryMs: 3_000 })
    lab.consul.misbehave((response) => response.writeHead(500).end())
    const waits: number[] = []
    const untilNext = async (): Promise<void> => {
      const before = lab.errors.length
      const startedAt = lab.clock.now()
      while ((await queries(lab)) === before + 1) await lab.clock.advance(100)
      await eventually(() => lab.errors.length === before + 1)
      waits.push(lab.clock.now() - startedAt)
    }
    for (let count = 0; count < 5; count++) await untilNext()
    lab.consul.misbehave((response) => response.writeHead(429, { 'retry-after': '7' }).end())
    await untilNext()
    await untilNext()

    // Half of each wait is by chance, which is 0 here; what the server asks for has the same limit.
    expect(waits).toEqual([1_000, 500, 1_000, 1_500, 1_500, 1_500, 3_000])
  })

  test('and waits twice as long where chance will have it', async () => {
    const lab = await knowing({ random: { next: () => 0.999_999 } })
    lab.consul.misbehave((response) => response.writeHead(500).end())
    await lab.clock.advance(1_250)
    await eventually(() => lab.errors.length === 1)
    await lab.clock.advance(999)
    const early = await queries(lab)
    await lab.clock.advance(1)

    expect([early, await queries(lab)]).toEqual([2, 3])
  })

  test('and begins with the shortest wait again after a success', async () => {
    const lab = await knowing()
    const fail = async (afterMs: number): Promise<void> => {
      const before = lab.errors.length
      lab.consul.misbehave((response) => response.writeHead(500).end())
      await lab.clock.advance(afterMs)
      await eventually(() => lab.errors.length === before + 1)
    }
    await fail(1_000)
    await fail(500)
    lab.consul.misbehave(undefined)
    lab.consul.set(2, [entry('b')])
    await lab.clock.advance(1_000)
    await eventually(() => String(ids(lab)) === 'b')
    await fail(1_000)
    const before = lab.consul.requests.length
    await lab.clock.advance(500)
    await eventually(() => lab.errors.length === 4)

    expect(lab.consul.requests).toHaveLength(before + 1)
  })

  test('while nobody listens, and takes the next list when somebody does', async () => {
    const lab = await consulLab({ url: `http://127.0.0.1:${String(await freePort())}` })
    await lab.source.ready('users')

    expect(lab.errors).toEqual([expect.stringMatching(/cannot be reached$/)])
    expect(ids(lab)).toBeUndefined()
  })

  test('and gives up a query when its wait, the spread of the servers and the slack are over', async () => {
    const lab = await knowing({ waitMs: 16_000, timeoutMs: 2_000 })
    lab.consul.set(1, [entry('a')])
    await lab.clock.advance(1_000)
    await eventually(() => lab.consul.waiting === 1)
    // 2 000 for the connection, 16 000 + 1 000 for the wait, 2 000 for the answer.
    await lab.clock.advance(20_999)
    const before = lab.errors.length
    await lab.clock.advance(1)
    await eventually(() => lab.errors.length === 1)

    expect([before, lab.errors]).toEqual([0, ['CONSUL/ did not answer in time']])
    await eventually(() => lab.consul.connections() === 0)
  })

  test('and gives up a first query without the wait', async () => {
    const lab = await consulLab({ timeoutMs: 2_000 })
    lab.consul.misbehave(() => undefined)
    const ready = lab.source.ready('users')
    await eventually(() => lab.consul.requests.length === 1)
    await lab.clock.advance(4_000)
    await ready

    expect(lab.errors).toEqual(['CONSUL/ did not answer in time'])
  })

  test.each([5, '', 'a\r\nb', {}])('when its function for the token answers %o', async (token) => {
    let next: unknown = 'good'
    const lab = await knowing({ token: () => next as string })
    next = token
    await lab.clock.advance(1_000)
    await eventually(() => lab.errors.length === 1)

    expect([ids(lab), lab.errors]).toEqual([['a'], ['the function for the token answers with none']])
  })

  test('E5: without the entries that cannot be used, which it counts when there are others than before', async () => {
    const lab = await consulLab()
    const dropped: number[] = []
    lab.source.on('dropped', ({ entries }) => dropped.push(entries))
    lab.consul.set(1, [entry('a'), 5, entry('b', { Port: 0 }), entry('a', { Port: 81 }), entry('c')])
    await lab.source.ready('users')

    expect([ids(lab), dropped]).toEqual([['a', 'c'], [3]])
    expect(lab.source.snapshot('users')?.instances[0]?.port).toBe(80)
    const lists = [[5, 5, 5, entry('d')], [entry('e')], [entry('f')]]
    for (const [index, list] of lists.entries()) {
      lab.consul.set(index + 2, list)
      await lab.clock.advance(1_000)
      await eventually(() => String(ids(lab)) === 'def'[index])
    }
    expect(dropped).toEqual([3, 0])
  })
})
