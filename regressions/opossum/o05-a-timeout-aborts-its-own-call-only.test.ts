/**
 * opossum 10 has one AbortController for a whole circuit: the first timeout aborts every call that runs beside it, and
 * every later one before it starts, with the circuit still closed (reproduced; nodeshift/opossum#673, #892).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'

test('a timeout aborts the signal of its own call, not those of others', async () => {
  const clock = new SimClock()
  const script = [{ never: true }, { afterMs: 60, value: 'beside' }, { afterMs: 60, value: 'later' }]
  const dependency = createScriptedDependency<string>({ clock, script })
  const stack = pipeline(new CircuitBreaker({ clock }), new Timeout({ timeoutMs: 100, clock }))

  const first = stack.outcome(dependency.run)
  await clock.advance(50)
  const beside = stack.outcome(dependency.run)
  await clock.advance(50)
  const later = stack.outcome(dependency.run)
  await clock.advance(100)

  expect(await first).toHaveOutcome('timeout')
  expect(await beside).toEqual({ kind: 'success', value: 'beside' })
  expect(await later).toEqual({ kind: 'success', value: 'later' })
  expect(dependency.calls.map(({ aborted }) => aborted)).toEqual([true, false, false])
})
