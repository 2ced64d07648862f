/**
 * Both hosts of a BalancedPool are down, then one returns (nodejs/undici#4839): with one connection for each, 7.30 goes on failing every
 * request, and 8.12.4 lets them hang (both reproduced).
 */
import { constant } from '@breakwater/breaker'
import * as undici7 from 'undici-7-30-0'
import * as undici8 from 'undici-8'
import { expect, onTestFinished, test } from 'vitest'
import { endsOf, nobody, serve, textOf, times, usersOn } from './undici.model.js'

const CALLS = 20

test.each([
  ['7.30.0: all fail', undici7 as unknown as typeof undici8, 'failed', 5_000],
  ['8.12.4: all hang', undici8, 'pending', 200],
] as const)('undici %s', async (_what, { BalancedPool, request }, expected, waitMs) => {
  const [first, second] = [await nobody(), await nobody()]
  const dispatcher = new BalancedPool([first.url, second.url], { connections: 1 })
  onTestFinished(() => void dispatcher.destroy().catch(() => undefined))
  const send = (): Promise<string> => textOf(request(first.url, { dispatcher }))
  await endsOf(times(CALLS, send), waitMs)

  await serve((_request, response) => response.end('back'), second.port)

  for (let call = 0; call < 5; call++) expect(await endsOf([send()], waitMs)).toMatchObject({ [expected]: 1 })
})

test('ours: every request is answered from then on', async () => {
  const [first, second] = [await nobody(), await nobody()]
  const options = { breaker: false, retry: { backoff: constant({ ms: 1 }) } } as const
  const client = usersOn([first, second], options, { connections: 1 })
  const send = (): Promise<string> => textOf(client.request('http://users/'))
  const before = await endsOf(times(CALLS, send), 5_000)

  await serve((_request, response) => response.end('back'), second.port)
  const after = await endsOf(times(CALLS, send), 5_000)

  expect(before).toEqual({ answered: 0, failed: CALLS, pending: 0 })
  expect(after).toEqual({ answered: CALLS, failed: 0, pending: 0 })
})
