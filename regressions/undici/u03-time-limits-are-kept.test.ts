/** `headersTimeout` of undici comes late: its timer ticks once a second (reproduced: 200 ms end after 0.8 to 1 s). */
import { Agent, request } from 'undici-8'
import { expect, onTestFinished, test } from 'vitest'
import { failsAfter, serve, usersOn } from './undici.model.js'

const LIMIT_MS = 200
const LATE_MS = 500

test('undici: more than twice the time', async () => {
  const { url } = await serve(() => undefined)
  const dispatcher = new Agent({ headersTimeout: LIMIT_MS })
  onTestFinished(() => dispatcher.destroy())

  expect(await failsAfter(() => request(url, { dispatcher }), 5_000)).toBeGreaterThan(LATE_MS)
})

test.each([
  ['of an attempt', { attemptTimeoutMs: LIMIT_MS, retry: false }],
  ['of the whole', { timeoutMs: LIMIT_MS }],
] as const)('ours: the time %s', async (_which, limits) => {
  const client = usersOn([await serve(() => undefined)], limits)
  const tookMs: number[] = []
  for (let attempt = 0; attempt < 3; attempt++)
    tookMs.push((await failsAfter(() => client.request('http://users/'), 5_000)) ?? Infinity)

  expect(Math.min(...tookMs)).toBeGreaterThanOrEqual(LIMIT_MS - 1)
  // A busy machine only ever makes it later.
  expect(Math.min(...tookMs)).toBeLessThan(LATE_MS)
  expect(client.snapshot().services[0]?.command).toMatchObject({ inFlight: 0 })
})
