/**
 * opossum's intervals and agents' sockets keep programs alive that forgot to shut them down. What the policies do is
 * tested in `process-life.test.ts`; here the same of what is built from them.
 */
import { expect, test } from 'vitest'
import { live, livedMs } from './life.model.js'

test('a program that forgets its commands and collectors ends by itself', { timeout: 90_000 }, async () => {
  const life = await live(`
    const registry = { registerMetric() {}, removeSingleMetric() {}, getSingleMetric() {} }
    metrics.collectInto(registry)
    metrics.metricsHandler()
    const long = { timeoutMs: 60_000, attemptTimeoutMs: 30_000 }
    const byKey = new command.CommandRegistry({
      define: (name) => command.createCommand({
        name, ...long, idempotent: false, run: (call, n) => n % 10 === 0 ? Promise.reject(new Error('down')) : n, fallback: () => 0 }),
      keysFromInput: true, max: 20,
    })
    const { signal } = new AbortController()
    for (let call = 0; call < 1_000; call++)
      await byKey.get('key ' + (call % 50)).with({ signal, budgetMs: 20_000 }).execute(call)
    console.log('called')`)

  expect(life).toMatchObject({ code: 0, errors: '' })
  expect(life.output).toContain('called')
  expect(livedMs(life)).toBeLessThan(15_000)
})
