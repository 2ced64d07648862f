import { describe, expect, it } from 'vitest'
import { failing, faultsIn, instrumentsOf, never, world } from './command.model.js'
import { createCommand } from './command.js'

describe('an update that is refused', () => {
  const wrong: [string, object, string[]][] = [
    ['a value out of range', { timeoutMs: -1 }, ['timeoutMs']],
    ['a fault inside', { timeoutMs: 5_000, breaker: { openMs: NaN } }, ['breaker.openMs']],
    ['an option of another policy', { breaker: { limit: 1 } }, ['breaker.limit']],
    ['what cannot be changed', { name: 'other', run: never }, ['name', 'run']],
    [
      'what cannot be changed inside',
      { breaker: { name: 'x' }, bulkhead: { clock: 1 } },
      ['breaker.name', 'bulkhead.clock'],
    ],
    [
      'several faults',
      { fallbackLimit: 1.5, retry: { maxRetries: '2' } },
      ['fallbackLimit', 'retry.maxRetries'],
    ],
    ['an attempt longer than the call', { timeoutMs: 100, attemptTimeoutMs: 200 }, ['attemptTimeoutMs']],
    ['null', null as never, ['']],
  ]

  it.each(wrong)('for %s changes nothing', (_what, change, paths) => {
    const around = world()
    const command = createCommand({ name: 'lost', run: failing, fallback: () => 1, ...around })
    const before = JSON.stringify(command.describe()) + JSON.stringify(command.snapshot())
    const events: unknown[] = []
    around.runtime.on('registered', (instrument) => events.push(instrument))
    around.runtime.on('removed', (instrument) => events.push(instrument))
    command.on('update', (update) => events.push(update))

    expect(faultsIn(() => command.update(change)).sort()).toEqual(paths)

    expect(JSON.stringify(command.describe()) + JSON.stringify(command.snapshot())).toBe(before)
    expect(events).toEqual([])
    expect(instrumentsOf(around.runtime)).toEqual(['breaker lost', 'bulkhead lost', 'command lost'])
  })
})
