import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant, decorrelated, linear } from '../../backoff/backoff.js'
import { newLease } from '../breaker-steps.model.js'
import { consecutiveFailures, countRate, errorRate } from '../trip-rules.js'
import { BreakerMachine } from './machine.js'
import type { MachineConfig, SavedMachine } from './machine-data.js'

const CONFIG: MachineConfig = {
  trip: [consecutiveFailures(1)],
  open: linear({ baseMs: 100, maxMs: 1_000 }),
  probeLimit: 1,
  leaseMs: 200,
  closeAfter: 1,
  rampMs: 0,
  slowerThanMs: undefined,
}
function machineOf(config: Partial<MachineConfig> = {}): BreakerMachine {
  return new BreakerMachine({ ...CONFIG, ...config }, seededRandom(1), 0)
}

function call(machine: BreakerMachine, verdict: 'success' | 'failure', now: number): void {
  const lease = newLease()
  if (!machine.admit(lease, now)) throw new Error('refused')
  machine.settle({ generation: machine.generation, lease }, verdict, now, false)
}

it('judges by what is still in the window', () => {
  const machine = machineOf({ trip: [errorRate({ windowMs: 1_000 })] })
  call(machine, 'failure', 0)

  expect([machine.judged(999), machine.judged(1_000)]).toEqual([
    { total: 1, errorPercent: 100 },
    { total: 0, errorPercent: 0 },
  ])
})

describe('configure', () => {
  it('keeps counts, state and the open time that has begun', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)

    machine.configure({ ...CONFIG, open: constant({ ms: 5_000 }) }, 10)

    expect(machine.state).toBe('open')
    expect(machine.waitMs(10)).toBe(90)
    expect(machine.stats(10).failures).toBe(1)
    call(machine, 'failure', 100)
    expect(machine.waitMs(100)).toBe(5_000)
  })

  it('holds for the trials and the ramp that are under way', () => {
    const machine = machineOf({ closeAfter: 2, rampMs: 1_000 })
    call(machine, 'failure', 0)
    call(machine, 'success', 100)
    machine.configure({ ...CONFIG, closeAfter: 2, probeLimit: 2, rampMs: 1_000 }, 100)
    expect(machine.admit(newLease(), 100)).toBe(true)
    call(machine, 'success', 100)
    expect(machine).toMatchObject({ state: 'closed', isFree: false })

    machine.configure(CONFIG, 100)

    expect(machine.isFree).toBe(true)
  })
})

describe('save and restore', () => {
  const restored = (saved: SavedMachine): BreakerMachine => {
    const machine = machineOf({ open: decorrelated({ baseMs: 100, maxMs: 10_000 }) })
    machine.restore(JSON.parse(JSON.stringify(saved)) as SavedMachine, 0)
    return machine
  }

  it('goes on with what is left of the open time', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)

    const copy = restored(machine.save(30))

    expect(copy.state).toBe('open')
    expect(copy.waitMs(0)).toBe(70)
    expect(copy.takeTransitions()?.[0]).toMatchObject({ from: 'closed', to: 'open', reason: 'restored' })
  })

  it('goes on with the next step of the back-off', () => {
    const machine = machineOf({
      open: { kind: 'steps', delayMs: (step, _, previous = 7) => step * 100 + previous },
    })
    call(machine, 'failure', 0)
    const copy = machineOf({
      open: { kind: 'steps', delayMs: (step, _, previous = 0) => step * 1_000 + previous },
    })

    copy.restore(machine.save(107), 0)
    call(copy, 'failure', 0)

    expect(copy.waitMs(0)).toBe(2_107)
  })

  it('restores trials that were under way as an open time that is over', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)
    machine.admit(newLease(), 100)

    const copy = restored(machine.save(100))

    expect(copy.state).toBe('open')
    expect(copy.admit(newLease(), 0)).toBe(true)
    expect(copy.state).toBe('half-open')
  })

  it('tells the last calls by their ends, none as slow that was not', () => {
    const machine = machineOf({ trip: [countRate({ percent: 60, size: 4, volume: 3 })] })
    const outcomes = (): string | undefined => machine.save(0).statistics.counted?.outcomes

    machine.freeFailure(0)
    call(machine, 'success', 0)
    expect(outcomes()).toBe('fs')
    call(machine, 'failure', 0)
    expect([machine.state, outcomes()]).toEqual(['open', 'fsf'])
    call(machine, 'success', 100)

    expect([machine.state, outcomes()]).toEqual(['closed', 's'])
  })

  it('says nothing of an open time before the first trip', () => {
    const tripped = machineOf()
    call(tripped, 'failure', 0)

    expect(machineOf().save(0)).not.toHaveProperty('lastOpenMs')
    expect(tripped.save(0)).toHaveProperty('lastOpenMs', 100)
  })

  it('restores a held state, and a closed one without a transition', () => {
    const held = machineOf()
    held.force('disabled', 'because', 0)

    expect(restored(held.save(0)).state).toBe('disabled')
    expect(restored(machineOf().save(0)).takeTransitions()).toBeNull()
  })
})
