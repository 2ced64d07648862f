import { Bulkhead, CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { failing, faultsIn, instrumentsOf, never, watch, world } from './command.model.js'
import type { World } from './command.model.js'
import { createCommand } from './command.js'
import type { Command } from './command-shape.js'
import type { CommandTuning } from './command-options.js'

function fragile(around: World, tuning: CommandTuning = {}): Command<[], never> {
  const breaker = { trip: consecutiveFailures(1) }
  return createCommand({ name: 'fragile', run: failing, ...around, retry: false, breaker, ...tuning })
}

describe('an update that switches the breaker', () => {
  it('off removes it, and on brings a new one', async () => {
    const around = world()
    const command = fragile(around)
    await command.outcome()
    expect(command.breaker).toBeOpen()

    command.update({ breaker: false })
    expect(command.breaker).toBeUndefined()
    expect(instrumentsOf(around.runtime)).toEqual(['bulkhead fragile', 'command fragile'])
    expect(await command.outcome()).toHaveOutcome('failure')

    command.update({ breaker: { trip: consecutiveFailures(2) } })
    expect(command.breaker).toBeClosed()
    expect(instrumentsOf(around.runtime)).toEqual(['breaker fragile', 'bulkhead fragile', 'command fragile'])
  })

  it('to a shared one takes it as it is, and back leaves it so', async () => {
    const around = world()
    const shared = new CircuitBreaker({ ...around, name: 'shared' })
    shared.forceOpen()
    const command = fragile(around)

    command.update({ breaker: shared })
    expect(await command.outcome()).toHaveOutcome('rejected')
    expect(instrumentsOf(around.runtime)).toEqual(['breaker shared', 'bulkhead fragile', 'command fragile'])

    command.update({ breaker: {} })
    expect(await command.outcome()).toHaveOutcome('failure')
    expect(instrumentsOf(around.runtime)).toContain('breaker shared')
    expect(shared).toHaveState('forced-open')
  })

  it('keeps its listeners, and hears no breaker twice', async () => {
    const around = world()
    const shared = new CircuitBreaker({ ...around })
    const command = fragile(around, { breaker: false })
    const heard: string[] = []
    command.on('transition', ({ to }) => heard.push(to))

    command.update({ breaker: shared })
    shared.forceOpen()
    command.update({ breaker: { trip: consecutiveFailures(1) } })
    shared.release()
    await command.outcome()
    command.update({ breaker: { openMs: 5 } })
    command.breaker?.forceClosed()

    expect(heard).toEqual(['forced-open', 'open', 'forced-closed'])
  })

  it('does not follow another clock, and changes nothing then', async () => {
    const around = world()
    const command = fragile(around, { breaker: {} })
    const elsewhere = { clock: world().clock }
    const before = JSON.stringify(command.describe())

    const change: CommandTuning = {
      timeoutMs: 1_234,
      breaker: new CircuitBreaker(elsewhere),
      bulkhead: new Bulkhead(elsewhere),
    }
    expect(faultsIn(() => command.update(change))).toEqual(['breaker', 'bulkhead'])

    expect(JSON.stringify(command.describe())).toBe(before)
    expect(await command.outcome()).toHaveOutcome('failure')
  })
})

describe('an update that switches the bulkhead', () => {
  it('to a shared one leaves its own running calls to their end', async () => {
    const around = world()
    const shared = new Bulkhead({ limit: 1, clock: around.clock })
    const command = createCommand({
      name: 'slow',
      run: never,
      ...around,
      retry: false,
      bulkhead: { limit: 1 },
    })
    const own = command.bulkhead

    watch(command.execute())
    command.update({ bulkhead: shared })
    watch(command.execute())

    expect([own?.snapshot().running, shared.snapshot().running]).toEqual([1, 1])
    expect(instrumentsOf(around.runtime)).toEqual(['breaker slow', 'command slow'])
    expect(command.snapshot().inFlight).toBe(2)
  })

  it('off and on again begins anew', () => {
    const around = world()
    const command = createCommand({ name: 'slow', run: never, ...around, bulkhead: { limit: 1 } })
    watch(command.execute())

    command.update({ bulkhead: false })
    watch(command.execute())
    command.update({ bulkhead: { limit: 3 } })

    expect(command.snapshot()).toMatchObject({ inFlight: 2, bulkhead: { running: 0, limit: 3 } })
    expect(instrumentsOf(around.runtime)).toEqual(['breaker slow', 'bulkhead slow', 'command slow'])
  })
})
