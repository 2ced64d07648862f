/**
 * opossum 10 gives the slot back when the timeout fires, though the work goes on: five calls ran at once under
 * `capacity: 1` (reproduced). Hystrix does the same for threads that cannot be interrupted (Netflix/Hystrix#1867).
 */
import { Bulkhead, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'

async function mostAtOnce(releaseOnTimeout: boolean): Promise<number> {
  const clock = new SimClock()
  const script = [{ afterMs: 1_000, value: 'too late', ignoreAbort: true }]
  const dependency = createScriptedDependency<string>({ clock, script })
  const stack = pipeline(
    new Bulkhead({ limit: 1, releaseOnTimeout, clock }),
    new Timeout({ timeoutMs: 10, clock }),
  )
  for (let call = 0; call < 5; call++) {
    void stack.outcome(dependency.run)
    await clock.advance(20)
  }
  await clock.advance(5_000)
  expect(dependency.running).toBe(0)
  return dependency.maxRunning
}

test('a limit of one means one at once, work that nobody waits for any more included', async () => {
  expect(await mostAtOnce(false)).toBe(1)
})

test('unless releaseOnTimeout asks for what Hystrix does', async () => {
  expect(await mostAtOnce(true)).toBe(5)
})
