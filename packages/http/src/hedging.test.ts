import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, clientOf, server, silence, usersOn } from './fleet.model.js'
import type { Answer } from './fleet.model.js'

const hedge = { delayMs: 20, maxExtraPercent: 1_000 }
/** The draw of a round that begins with the instance named first. */
const FIRST = { next: () => 0 }

/** Answers, but lets a while pass between the headers and each part of the body. */
const dripping =
  (parts: number): Answer =>
  (_request, response) => {
    response.writeHead(200)
    let sent = 0
    const more = (): void => {
      if (sent++ === parts) response.end()
      else response.write('x'.repeat(1_000), () => setImmediate(more))
    }
    more()
  }

test('a second attempt goes to another instance, and its answer is the one', async () => {
  let ask: () => void = () => undefined
  const isAsked = new Promise<void>((resolve) => (ask = resolve))
  const slow = await server(() => ask())
  const good = await server((_request, response) => void isAsked.then(() => response.end('good')))
  const policies = { hedge, attemptTimeoutMs: false, retry: false } as const
  const client = usersOn([slow, good], { ...policies, random: FIRST })
  const told: unknown[] = []
  client.on('hedge', ({ service, reason }) => told.push([service, reason]))

  const answer = await client.fetch('http://users/a')

  expect(await answer.text()).toBe('good')
  expect([slow, good].map(({ got }) => got.length)).toEqual([1, 1])
  expect(told).toEqual([['users', 'slow']])
  const [users] = client.snapshot().services
  expect(users?.command).toMatchObject({ inFlight: 0, executions: { success: 1, failure: 0, cancelled: 0 } })
  expect(users?.balancer?.instances.map(({ inFlight }) => inFlight)).toEqual([0, 0])
})

test('the attempt that lost is cut off: its server sees the connection close', async () => {
  let closed: () => void = () => undefined
  const isClosed = new Promise<void>((resolve) => (closed = resolve))
  const slow = await server((request) => request.socket.once('close', closed))
  const client = usersOn([slow, await answering('good')], { hedge, attemptTimeoutMs: false })

  await (await client.fetch('http://users/a')).text()
  await (await client.fetch('http://users/b')).text()

  await isClosed
})

test('the body of the winner arrives whole, whatever becomes of the others', async () => {
  const [one, two] = [await answering(dripping(400)), await answering(dripping(400))]
  const client = usersOn([one, two], { hedge: { ...hedge, delayMs: 0 }, retry: false })

  for (let call = 0; call < 5; call++) {
    const text = await (await client.fetch('http://users/')).text()
    expect(text).toHaveLength(400_000)
  }
})

test('after a failing answer the next attempt begins at once', async () => {
  const [bad, good] = [await answering(503), await answering('good')]
  const client = usersOn([bad, good], { hedge: { ...hedge, delayMs: 5_000 }, retry: false })

  const answers = [await client.fetch('http://users/a'), await client.fetch('http://users/b')]

  expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['good', 'good'])
  expect(client.snapshot().services[0]?.command.executions).toMatchObject({ success: 2, failure: 0 })
})

test.each([
  ['gets no company, which would not wait', '1', [503, 1]],
  ['gets it when that is none', '0', [200, 2]],
])('R6: an attempt whose answer asks for a wait %s', async (_title, seconds, expected) => {
  const asking: Answer = (_request, response) => response.writeHead(503, { 'retry-after': seconds }).end()
  const users = await answering(asking, 'good')
  const clock = new SimClock()
  const client = usersOn([users], { clock, hedge: { ...hedge, delayMs: 5_000 }, timeoutMs: 900 })

  const { status } = await client.fetch('http://users/')

  expect([status, users.got.length]).toEqual(expected)
})

test('when all fail, the caller gets the failing answer of the first', async () => {
  const first: Answer = (_request, response) => response.writeHead(503).end('first')
  const users = await answering(first, 500)
  const client = usersOn([users], { hedge: { ...hedge, delayMs: 5_000 }, retry: false })

  const response = await client.fetch('http://users/')

  expect([response.status, await response.text()]).toEqual([503, 'first'])
  expect(users.got).toHaveLength(2)
})

test('requests that must not run twice are not hedged, nor those that say so', async () => {
  const later: Answer = (_request, response) => setTimeout(() => response.end('late'), 60)
  const users = await answering(later)
  const client = usersOn([users], { hedge })

  await (await client.fetch('http://users/', { method: 'POST', body: 'x' })).text()
  await (await client.with({ hedge: false }).fetch('http://users/')).text()

  expect(users.got).toHaveLength(2)
})

test('an abort ends all attempts', async () => {
  const [one, two] = [await answering(silence), await answering(silence)]
  const client = usersOn([one, two], { hedge: { ...hedge, delayMs: 0 }, attemptTimeoutMs: false })
  const caller = new AbortController()

  const pending = client.request('http://users/', { signal: caller.signal })
  const reason = new Error('enough')
  caller.abort(reason)

  await expect(pending).rejects.toBe(reason)
  expect(client.snapshot().services[0]?.balancer?.instances.map(({ inFlight }) => inFlight)).toEqual([0, 0])
})

test('the preset `hedged` hedges all services', () => {
  const client = clientOf({
    preset: 'hedged',
    services: { users: { instances: [] }, plain: { instances: [], hedge: false } },
  })

  expect(client.snapshot().services.map(({ name }) => name)).toEqual(['users', 'plain'])
})
