import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant } from '../../backoff/backoff.js'
import { errorRate } from '../trip-rules.js'
import { BreakerMachine } from './machine.js'
import { admitted, call, told } from './machine.model.js'
import type { MachineConfig } from './machine-data.js'

const CONFIG: MachineConfig = {
  trip: [errorRate({ percent: 50, volume: 2, windowMs: 1_000 })],
  open: constant({ ms: 500 }),
  probeLimit: 1,
  leaseMs: 200,
  closeAfter: 1,
  rampMs: 0,
  slowerThanMs: 100,
}

function trip(machine: BreakerMachine): void {
  call(machine, 'failure', 0)
  call(machine, 'failure', 0)
}

const STEPS: readonly (readonly [(machine: BreakerMachine) => unknown, string, string, number?])[] = [
  [trip, 'closed > open', 'error-rate', 500],
  [(machine) => (trip(machine), admitted(machine, 500)), 'open > half-open', 'open time over'],
  [(machine) => (trip(machine), call(machine, 'failure', 500)), 'half-open > open', 'trial failed', 500],
  [
    (machine) => {
      trip(machine)
      machine.settle(admitted(machine, 500), 'success', 650, true)
    },
    'half-open > open',
    'trial was slow',
    500,
  ],
  [(machine) => (trip(machine), call(machine, 'success', 500)), 'half-open > closed', 'trials succeeded'],
  [(machine) => machine.openFor(70, 'asked', 0), 'closed > open', 'asked', 70],
  [
    (machine) => {
      trip(machine)
      admitted(machine, 500)
      machine.openFor(70, 'asked', 510)
    },
    'half-open > open',
    'asked',
    70,
  ],
  [(machine) => machine.force('disabled', 'hold', 0), 'closed > disabled', 'hold'],
  [
    (machine) => (machine.force('forced-open', 'hold', 0), machine.release(10)),
    'forced-open > closed',
    'released',
  ],
  [
    (machine) => (machine.force('forced-closed', 'hold', 0), trip(machine), machine.release(10)),
    'forced-closed > open',
    'error-rate',
    500,
  ],
  [(machine) => (trip(machine), machine.reset(10)), 'open > closed', 'reset'],
]

describe('a transition', () => {
  it.each(STEPS.map(([run, edge, reason, openMs]) => ({ run, edge, reason, openMs })))(
    '$edge says "$reason", and for how long it opens only where it opens: $openMs',
    ({ run, edge, reason, openMs }) => {
      const machine = new BreakerMachine(CONFIG, seededRandom(1), 0)

      run(machine)

      const opened = openMs === undefined ? {} : { openMs }
      expect(told(machine.takeTransitions()?.at(-1))).toStrictEqual({ edge, reason, ...opened })
    },
  )
})
