/**
 * opossum 10 writes its defaults into the object that it is given (1 key becomes 15), and keeps its cache there: two
 * circuits made from one object answer with each other's values (reproduced).
 */
import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { expect, test } from 'vitest'
import { failing, hanging } from '../calls.model.js'

test('options are not changed, frozen or kept: what their caller does with them later has no effect', async () => {
  const queue = { limit: 0 }
  const bulkheadOptions = { limit: 1, queue }
  const retryOptions = { maxRetries: 1, backoff: constant({ ms: 0 }) }
  const chain = [(): string => 'instead']
  const fallbackOptions = { chain, limit: 5 }
  const timeoutOptions = { timeoutMs: 5_000 }
  const all = [bulkheadOptions, retryOptions, fallbackOptions, timeoutOptions]
  const before = all.map((options) => Object.entries(options))

  const bulkhead = new Bulkhead(bulkheadOptions)
  const retry = new Retry(retryOptions)
  const fallback = new Fallback(fallbackOptions)
  const timeout = new Timeout(timeoutOptions)

  expect(all.map((options) => Object.entries(options))).toEqual(before)
  expect([...all, queue, chain].some((options) => Object.isFrozen(options))).toBe(false)
  Object.assign(queue, { limit: 9 })
  Object.assign(bulkheadOptions, { limit: 9 })
  Object.assign(retryOptions, { maxRetries: 9 })
  Object.assign(timeoutOptions, { timeoutMs: 9 })
  chain[0] = () => 'other'
  expect(bulkhead.snapshot()).toMatchObject({ limit: 1, queueLimit: 0 })
  bulkhead.update({ releaseOnTimeout: true })
  expect(bulkhead.snapshot()).toMatchObject({ limit: 1, queueLimit: 0 })
  expect(timeout.timeoutMs).toBe(5_000)
  expect(await fallback.execute(failing)).toBe('instead')
  let attempts = 0
  await retry.outcome(() => {
    attempts++
    return failing()
  })
  expect(attempts).toBe(2)
})

test('two policies made from one object share nothing', async () => {
  const options = { limit: 1 }
  const [one, other] = [new Bulkhead(options), new Bulkhead(options)]

  void one.execute(hanging)

  expect(await other.execute(() => 'free')).toBe('free')
  other.update({ limit: 7 })
  expect(one.snapshot().limit).toBe(1)
  expect(options).toEqual({ limit: 1 })
})
