/**
 * Values that belong to a request (user, trace, tenant) get lost, or are those of another request, where attempts are
 * started by shared timers and queues (failsafe-lib/failsafe-go#136, and every AsyncLocalStorage behind a pool).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { pipeline } from '@breakwater/kernel'
import { expect, test } from 'vitest'

// In real time: only real timers carry contexts.
test('attempts after a timeout or a wait, and the fallback, see the request that they belong to', async () => {
  const request = new AsyncLocalStorage<string>()
  const seen: [string, string | undefined][] = []
  const stack = pipeline(
    new Fallback({ chain: [() => request.getStore()] }),
    new Retry({ maxRetries: 1, backoff: constant({ ms: 5 }) }),
    new Bulkhead({ limit: 1, queue: { limit: 10 }, releaseOnTimeout: true }),
    new CircuitBreaker(),
    new Timeout({ timeoutMs: 20 }),
  )

  const answers = ['ann', 'bob', 'cem'].map((id) =>
    request.run(id, () =>
      stack.execute(() => {
        seen.push([id, request.getStore()])
        return new Promise<string>(() => undefined)
      }),
    ),
  )

  expect(await Promise.all(answers)).toEqual(['ann', 'bob', 'cem'])
  expect(seen).toHaveLength(6)
  expect(seen.filter(([id, store]) => id !== store)).toEqual([])
})
