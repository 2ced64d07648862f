import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant } from '../../backoff/backoff.js'
import { consecutiveFailures } from '../trip-rules.js'
import { BreakerMachine } from './machine.js'
import { admitted, call } from './machine.model.js'
import type { MachineConfig } from './machine-data.js'

const CONFIG: MachineConfig = {
  trip: [consecutiveFailures(2)],
  open: constant({ ms: 100 }),
  probeLimit: 1,
  leaseMs: 200,
  closeAfter: 1,
  rampMs: 3_000,
  slowerThanMs: undefined,
}

/** Closed again at 100, and in its ramp until 3,100. */
function ramping(): BreakerMachine {
  const machine = new BreakerMachine(CONFIG, seededRandom(1), 0)
  call(machine, 'failure', 0)
  call(machine, 'failure', 0)
  call(machine, 'success', 100)
  return machine
}

describe('a machine in its ramp', () => {
  it('is free again from the first call after the end of it', () => {
    const machine = ramping()
    expect(admitted(machine, 3_099).lease.role).toBe('ramp')
    expect(machine.isFree).toBe(false)

    expect(admitted(machine, 3_100).lease.role).toBe('ordinary')

    expect(machine.isFree).toBe(true)
  })

  it('hears a call of the ramp that ends after it', () => {
    const machine = ramping()
    const last = admitted(machine, 3_050)
    admitted(machine, 3_100)

    expect(machine.settle(last, 'failure', 3_150, false)).toBe(true)

    expect(machine.stats(3_150).failures).toBe(1)
  })

  it('goes on with it under other options', () => {
    const machine = ramping()

    machine.configure({ ...CONFIG, open: constant({ ms: 7 }) }, 200)

    expect(machine.isFree).toBe(false)
    expect(admitted(machine, 200).lease.role).toBe('ramp')
  })
})
