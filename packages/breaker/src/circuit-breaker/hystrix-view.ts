/**
 * What a breaker of Hystrix's shows besides, and what it does only because somebody looks or because time has passed.
 */
import type { Outcome } from '@breakwater/kernel'
import type { HystrixHealth } from './core/health.js'
import { HystrixMachine } from './core/hystrix-machine.js'
import type { AdmittedTicket, Gate } from './gate.js'
import { verdictOn } from './verdict.js'

/** To be called before anything is shown: a breaker of Hystrix's also opens by itself, or because somebody looks. */
export function look(gate: Gate): void {
  const { machine, options } = gate
  if (!(machine instanceof HystrixMachine)) return
  machine.judge(options.clock.now())
  if (machine.hasMoved) gate.announce()
}

/** As of the last `look`; none of our own line. */
export function healthOf({ machine }: Gate): HystrixHealth | undefined {
  return machine instanceof HystrixMachine ? machine.hystrixHealth : undefined
}

/** Moves the state by the result of a call that is counted later. Only for a breaker that tells the two apart. */
export function hearResult(gate: Gate, outcome: Outcome<unknown>, admitted: AdmittedTicket): void {
  const { machine, options } = gate
  if (!(machine instanceof HystrixMachine)) return
  const isHeard = machine.workEnded(admitted, verdictOn(outcome, options), options.clock.now())
  // Before anyone is told, who may settle the call.
  if (admitted.lease !== null) admitted.lease.isHeard = isHeard
  if (machine.hasMoved) gate.announce()
}

/** The end of a refused call, which was not told at once. */
export function refusedEnded(gate: Gate): void {
  const { machine, options } = gate
  if (!(machine instanceof HystrixMachine)) return
  machine.counted('neutral', options.clock.now())
  if (machine.hasMoved) gate.announce()
}
