/** Callers abort with whatever they like, and get that back. */
import { CircuitBreaker } from '@breakwater/breaker'
import { describe, expect, test } from 'vitest'
import { answering, isAtRest, silence, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'

const REASONS: readonly (readonly [string, unknown])[] = [
  ['a text', 'enough'],
  ['a symbol', Symbol('enough')],
  ['an object', { enough: true }],
  ['an object that cannot be made a text', Object.create(null)],
]

describe.each<[string, (client: HttpClient, signal: AbortSignal) => Promise<unknown>]>([
  ['fetch', (client, signal) => client.fetch('http://users/', { signal })],
  ['request', (client, signal) => client.request('http://users/', { signal })],
])('an abort of %s', (_way, ask) => {
  test.each(REASONS)('with %s ends it with that', async (_what, reason) => {
    const users = await answering(silence)
    const client = usersOn([users])
    const caller = new AbortController()

    const asked = ask(client, caller.signal).catch((error: unknown) => error)
    await expect.poll(() => users.got.length).toBe(1)
    caller.abort(reason)

    expect(await asked).toBe(reason)
    await isAtRest(client)
  })
})

describe.each<[string, (client: HttpClient, signal: AbortSignal) => Promise<unknown>]>([
  ['fetch', (client, signal) => client.fetch('http://users/', { signal, method: 'POST' })],
  [
    'fetch with a body',
    (client, signal) => client.fetch('http://users/', { signal, method: 'POST', body: 'b' }),
  ],
  [
    'fetch that follows no redirects',
    (client, signal) => client.fetch('http://users/', { signal, method: 'POST', redirect: 'manual' }),
  ],
  ['request', (client, signal) => client.request('http://users/', { signal, method: 'POST' })],
])('what is called while %s begins may abort it', (_way, ask) => {
  test('a listener of the breaker', async () => {
    const breaker = new CircuitBreaker()
    const client = usersOn([await answering('ok')], { breaker })
    const caller = new AbortController()
    breaker.on('rejected', () => {
      caller.abort('enough')
    })
    breaker.forceOpen()

    expect(await ask(client, caller.signal).catch((error: unknown) => error)).toBe('enough')
    await isAtRest(client)
  })

  test('what makes its body', async () => {
    const client = usersOn([await answering('ok')])
    const caller = new AbortController()
    const body = (): string => {
      caller.abort('enough')
      return 'made'
    }

    const asked = ask(client.with({ body }) as HttpClient, caller.signal)

    expect(await asked.catch((error: unknown) => error)).toBe('enough')
    await isAtRest(client)
  })
})
