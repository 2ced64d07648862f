/** Callers abort with whatever they like, and get that back. */
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
