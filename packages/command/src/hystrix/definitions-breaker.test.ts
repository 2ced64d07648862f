import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { faultsIn } from '../command.model.js'
import { watched } from './hystrix.model.js'

it('#1944: a name cannot be defined again with another breaker, unless Hystrix is to be matched', () => {
  const { command, clock } = watched()
  const breakers = [1, 2].map((count) => new CircuitBreaker({ clock, trip: consecutiveFailures(count) }))
  const [one, other] = breakers as [CircuitBreaker, CircuitBreaker]
  command({ breaker: one })

  expect(command({ breaker: one }).breaker).toBe(one)
  expect(faultsIn(() => command({ breaker: other }))).toEqual(['breaker'])
  expect(faultsIn(() => command())).toEqual(['breaker'])
  expect(faultsIn(() => command({ breaker: other, timeoutMs: 5 }))).toEqual(['name', 'breaker'])
  expect(command({ breaker: other, compat: 'hystrix-1.5.18' }).breaker).toBe(one)
})

it('a name that a command of another preset has is taken, unless Hystrix is to be matched', () => {
  const { command, clock, runtime } = watched()
  using standard = createCommand({ name: 'A', clock, runtime, run: () => 'ok' })

  expect(faultsIn(() => command())).toEqual(['name'])
  expect(() => command({ compat: 'hystrix-1.5.13' })).not.toThrow()
  expect(standard.name).toBe('A')
})
