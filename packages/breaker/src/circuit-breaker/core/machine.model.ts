/** Short words for what tests of both state machines do. For tests only. */
import { newLease } from '../breaker-steps.model.js'
import { hystrixMachine } from '../machine-for.js'
import type { HystrixMachine } from './hystrix-machine.js'
import type { Lease } from './lease.js'
import { LINES } from './line.js'
import type { Compat, HystrixRules } from './line.js'
import type { AdmittedCall, Transition, Verdict } from './machine-data.js'
import type { MachineFrame } from './machine-frame.js'

/** Admits a call; a refusal is thrown. */
export function admitted(machine: MachineFrame, now: number): AdmittedCall & { readonly lease: Lease } {
  const lease = newLease()
  if (!machine.admit(lease, now)) throw new Error('refused')
  return { generation: machine.generation, lease }
}

/** A call that ends at once. */
export function call(machine: MachineFrame, verdict: Verdict, now: number): void {
  machine.settle(admitted(machine, now), verdict, now, false)
}

/** A transition without the numbers around it; what is absent in it is absent here. */
export function told(transition: Transition | undefined): object {
  if (transition === undefined) return {}
  const { from, to, reason, counts: _counts, at: _at, afterMs: _afterMs, ...opened } = transition
  return { edge: `${from} > ${to}`, reason, ...opened }
}

/** Of `hystrixOf`: opens at half of 2 calls, for 50 ms; a lease lasts 40. */
export function hystrixRules(compat: Compat): HystrixRules {
  const rules = { compat, percent: 50, volume: 2, windowMs: 100, buckets: 10, sleepMs: 50 }
  return LINES[compat].leasesTrial ? { ...rules, lease: { leaseMs: 40 } } : rules
}

export function hystrixOf(compat: Compat): HystrixMachine {
  return hystrixMachine(hystrixRules(compat), 0)
}

/** Open from 10 to 60. */
export function trippedHystrix(compat: Compat): HystrixMachine {
  const machine = hystrixOf(compat)
  machine.freeFailure(0)
  machine.freeFailure(0)
  machine.judge(10)
  return machine
}
