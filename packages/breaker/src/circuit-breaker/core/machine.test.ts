import { seededRandom } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant, linear } from '../../backoff/backoff.js'
import { edges, newLease } from '../breaker-steps.model.js'
import { errorRate, slowCalls, tripWhen } from '../trip-rules.js'
import type { Lease } from './lease.js'
import { BreakerMachine } from './machine.js'
import type { MachineConfig, Verdict } from './machine-data.js'

const CONFIG: MachineConfig = {
  trip: [errorRate({ percent: 50, volume: 2, windowMs: 1_000 })],
  open: constant({ ms: 500 }),
  probeLimit: 1,
  leaseMs: 200,
  closeAfter: 1,
  rampMs: 0,
  slowerThanMs: undefined,
}
const SLOW = slowCalls({ slowerThanMs: 100, percent: 50, volume: 2, windowMs: 1_000 })

function machineOf(config: Partial<MachineConfig> = {}): BreakerMachine {
  return new BreakerMachine({ ...CONFIG, ...config }, seededRandom(1), 0)
}

function admit(machine: BreakerMachine, now: number): { generation: number; lease: Lease } | undefined {
  const lease = newLease()
  return machine.admit(lease, now) ? { generation: machine.generation, lease } : undefined
}

function call(machine: BreakerMachine, verdict: Verdict, now: number): void {
  const admitted = admit(machine, now)
  if (admitted === undefined) throw new Error('refused')
  machine.settle(admitted, verdict, now, false)
}

function tripped(config: Partial<MachineConfig> = {}): BreakerMachine {
  const machine = machineOf(config)
  call(machine, 'failure', 0)
  call(machine, 'failure', 0)
  return machine
}

describe('a closed machine', () => {
  it('is free, and refuses nobody', () => {
    const machine = machineOf()

    expect(machine).toMatchObject({ state: 'closed', isFree: true, since: 0 })
    expect(machine.refusesUntil).toBe(-Infinity)
    expect(machine.waitMs(0)).toBe(0)
    expect(admit(machine, 0)).toBeDefined()
  })

  it('wants to see each call while it watches for slow ones', () => {
    expect(machineOf({ trip: [SLOW], slowerThanMs: 100 }).isFree).toBe(false)
  })

  it('opens when a rule is fulfilled, and says why', () => {
    const machine = machineOf()
    call(machine, 'failure', 10)
    expect(machine.hasMoved).toBe(false)

    call(machine, 'success', 20)

    expect(machine.hasMoved).toBe(true)
    expect(machine.takeTransitions()).toEqual([
      {
        from: 'closed',
        to: 'open',
        reason: 'error-rate',
        counts: { successes: 1, failures: 1, slow: 0, total: 2, errorPercent: 50, consecutiveFailures: 0 },
        at: 20,
        afterMs: 20,
        openMs: 500,
      },
    ])
    expect(machine.takeTransitions()).toBeNull()
  })

  it('opens when a free success completes the volume', () => {
    const machine = machineOf()
    call(machine, 'failure', 10)
    machine.advance(15)

    machine.freeSuccess()
    machine.judge()

    expect(machine.takeTransitions()?.[0]).toMatchObject({ to: 'open', at: 15 })
  })

  it.each<[string, (machine: BreakerMachine) => void]>([
    ['a success', (machine) => (machine.freeSuccess(), machine.judge())],
    ['a failure', (machine) => call(machine, 'failure', 40)],
  ])('opens no earlier than it closed, though %s was last told the time before that', (_name, end) => {
    const machine = machineOf({ trip: [errorRate({ percent: 30, volume: 3, windowMs: 1_000 })] })
    for (const now of [0, 0, 0]) call(machine, 'failure', now)
    machine.advance(40)
    for (const verdict of ['success', 'failure'] as const) call(machine, verdict, 500)
    expect(machine.state).toBe('closed')

    end(machine)

    expect(machine.takeTransitions()?.at(-1)).toMatchObject({ to: 'open', at: 500, afterMs: 0 })
    expect(machine.waitMs(500)).toBe(500)
  })

  it('does not count a neutral end', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)
    call(machine, 'neutral', 0)

    expect(machine.state).toBe('closed')
    expect(machine.stats(0)).toMatchObject({ total: 1, consecutiveFailures: 1 })
  })

  it('tells the counts of the moment for which it is asked', () => {
    const machine = machineOf()
    call(machine, 'failure', 0)

    expect([0, 999, 1_000].map((now) => machine.stats(now).total)).toEqual([1, 1, 0])
  })

  it('does not hear a result of an earlier generation', () => {
    const machine = tripped()
    const early = { generation: 0, lease: null }

    expect(machine.settle(early, 'success', 1, false)).toBe(false)
    expect(machine.stats(1)).toMatchObject({ successes: 0, failures: 2 })
  })

  it('keeps to the state in which a rule of the user put it', () => {
    const machine: BreakerMachine = machineOf({
      trip: [
        tripWhen(() => {
          machine.force('forced-open', 'the rule itself', 5)
          return true
        }),
      ],
    })

    call(machine, 'failure', 5)

    expect(machine.state).toBe('forced-open')
  })
})

describe('an open machine', () => {
  it('refuses until its time is over, then lets a trial in', () => {
    const machine = tripped()

    expect(machine.refusesUntil).toBe(500)
    expect([0, 499, 500, 900].map((now) => machine.waitMs(now))).toEqual([500, 1, 0, 0])
    expect(admit(machine, 499)).toBeUndefined()
    expect(machine.state).toBe('open')
    expect(admit(machine, 500)?.lease.role).toBe('probe')
    expect(edges(machine.takeTransitions() ?? [])).toEqual(['closed > open', 'open > half-open'])
  })

  it('stays open longer after each trip that no recovery came between', () => {
    const machine = tripped({ open: linear({ baseMs: 100, maxMs: 1_000 }) })
    call(machine, 'failure', 100)
    call(machine, 'failure', 300)
    call(machine, 'success', 600)
    call(machine, 'failure', 600)

    const times = (machine.takeTransitions() ?? []).flatMap(({ openMs }) => openMs ?? [])
    expect(times).toEqual([100, 200, 300, 100])
  })
})

describe('a half-open machine', () => {
  it('closes with empty windows, but for the trial that closed it', () => {
    const machine = tripped()

    call(machine, 'success', 500)

    expect(machine).toMatchObject({ state: 'closed', isFree: true })
    expect(machine.stats(500)).toMatchObject({ successes: 1, failures: 0 })
    expect(machine.takeTransitions()?.at(-1)).toMatchObject({
      reason: 'trials succeeded',
      counts: { failures: 2 },
    })
  })

  it('opens again when a trial fails', () => {
    const machine = tripped()

    call(machine, 'failure', 500)

    expect(machine.state).toBe('open')
    expect(machine.waitMs(500)).toBe(500)
    expect(machine.takeTransitions()?.at(-1)).toMatchObject({ reason: 'trial failed' })
  })

  it('takes back the slot of a neutral trial and goes on', () => {
    const machine = tripped()
    call(machine, 'neutral', 500)

    expect(machine.state).toBe('half-open')
    expect(machine.waitMs(500)).toBe(0)
    expect(admit(machine, 500)).toBeDefined()
    expect(admit(machine, 500)).toBeUndefined()
    expect(machine.waitMs(500)).toBe(200)
  })

  it('does not hear a trial whose lease is over', () => {
    const machine = tripped()
    const lost = admit(machine, 500)
    if (lost === undefined) throw new Error('refused')

    expect(machine.settle(lost, 'failure', 700, false)).toBe(false)
    expect(machine.state).toBe('half-open')
  })

  it('opens again at once when a trial becomes slow, and does not hear how that ends', () => {
    const machine = tripped({ trip: [errorRate({ volume: 2 }), SLOW], slowerThanMs: 100 })
    const trial = admit(machine, 500)
    if (trial === undefined) throw new Error('refused')

    machine.slowInFlight(trial.lease, trial.generation, 600)

    expect(machine.takeTransitions()?.at(-1)).toMatchObject({ to: 'open', reason: 'trial was slow' })
    expect(machine.settle(trial, 'success', 650, false)).toBe(false)
  })
})

describe('slow calls in flight', () => {
  const config = { trip: [SLOW], slowerThanMs: 100 }

  it('count once, at the moment they become slow', () => {
    const machine = machineOf(config)
    const [first, second] = [admit(machine, 0), admit(machine, 0)]
    if (first === undefined || second === undefined) throw new Error('refused')

    machine.slowInFlight(first.lease, first.generation, 100)
    machine.slowInFlight(first.lease, first.generation, 100)
    machine.settle(first, 'success', 150, false)
    expect(machine.stats(150)).toMatchObject({ slow: 1, total: 1 })
    expect(machine.state).toBe('closed')

    machine.slowInFlight(second.lease, second.generation, 160)
    expect(machine.state).toBe('open')
  })

  it('do not count in another generation, nor while disabled', () => {
    const machine = machineOf(config)
    const early = admit(machine, 0)
    machine.force('disabled', 'test', 10)
    const disabled = admit(machine, 10)
    if (early === undefined || disabled === undefined) throw new Error('refused')

    machine.slowInFlight(early.lease, early.generation, 110)
    machine.slowInFlight(disabled.lease, disabled.generation, 110)

    expect(machine.stats(110)).toMatchObject({ slow: 0, total: 0 })
  })

  it('do not count in another generation that counts', () => {
    const machine = machineOf(config)
    const early = admit(machine, 0)
    if (early === undefined) throw new Error('refused')
    machine.force('metrics-only', 'test', 10)

    machine.slowInFlight(early.lease, early.generation, 110)

    expect(machine.stats(110)).toMatchObject({ slow: 0 })
  })
})
