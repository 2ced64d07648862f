/**
 * BalancedPool weighs by broken connections alone (reproduced): of three hosts, one that answers 503 to everything keeps a third of the
 * requests, one that is sixty times slower does too, and one that refuses costs its callers their requests.
 */
import { BalancedPool, request } from 'undici-8'
import type { RequestListener } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { nobody, serve, textOf, times, usersOn } from './undici.model.js'
import type { TestServer } from './undici.model.js'

const CALLS = 90
const SLOW_MS = 300

const good: RequestListener = (_request, response) => setTimeout(() => response.end('good'), 5)
const failing: RequestListener = (_request, response) => response.writeHead(503).end('bad')
const slow: RequestListener = (_request, response) => setTimeout(() => response.end('slow'), SLOW_MS)

interface Fleet {
  readonly servers: readonly TestServer[]
  /** Requests that the bad one got. */
  readonly asked: () => number
}

async function fleetWith(bad: RequestListener): Promise<Fleet> {
  let asked = 0
  const counted = await serve((request, response) => {
    asked++
    bad(request, response)
  })
  return { servers: [counted, await serve(good), await serve(good)], asked: () => asked }
}

function balanced(servers: readonly TestServer[]): () => Promise<string> {
  const urls = servers.map(({ url }) => url)
  const dispatcher = new BalancedPool(urls)
  onTestFinished(() => dispatcher.destroy())
  return () => textOf(request(urls[0] ?? '', { dispatcher }))
}

test.each([
  ['fails', failing],
  ['is slow', slow],
])('undici: one that %s keeps its third', async (_what, bad) => {
  const { servers, asked } = await fleetWith(bad)
  const send = balanced(servers)

  await Promise.all(times(CALLS, send))

  expect(asked()).toBe(CALLS / 3)
})

test('undici: one that refuses loses requests', async () => {
  const send = balanced([await nobody(), await serve(good), await serve(good)])

  const ends = await Promise.allSettled(times(CALLS, send))

  expect(ends.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0)
})

test('ours: one that fails is asked seldom, and no caller sees it', async () => {
  const { servers, asked } = await fleetWith(failing)
  const client = usersOn(servers)
  const answers: string[] = []

  for (let call = 0; call < CALLS; call++) answers.push(await textOf(client.request('http://users/')))

  expect(new Set(answers)).toEqual(new Set(['good']))
  expect(asked()).toBeGreaterThan(0)
  expect(asked()).toBeLessThan(CALLS / 5)
})

test('ours: one that is slow gets less than a fifth of its share', async () => {
  const { servers, asked } = await fleetWith(slow)
  const client = usersOn(servers)

  // Six callers, so that the slow one is heard of while the others go on.
  const caller = async (): Promise<void> => {
    for (let call = 0; call < CALLS / 6; call++) await textOf(client.request('http://users/'))
  }
  await Promise.all(times(6, caller))

  expect(asked()).toBeGreaterThan(0)
  expect(asked()).toBeLessThan(CALLS / 3 / 5)
})

test('ours: one that refuses loses none', async () => {
  const client = usersOn([await nobody(), await serve(good), await serve(good)])

  const answers = await Promise.all(
    times(CALLS, () => textOf(client.request('http://users/', { method: 'POST' }))),
  )

  expect(new Set(answers)).toEqual(new Set(['good']))
})
