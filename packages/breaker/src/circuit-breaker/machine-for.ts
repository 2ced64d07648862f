/**
 * Which state machine a breaker has.
 */
import type { ResolvedCircuitBreaker } from './circuit-breaker-options.js'
import { HystrixMachine } from './core/hystrix-machine.js'
import { LeasedTrialMachine } from './core/leased-trial-machine.js'
import type { HystrixRules } from './core/line.js'
import { LINES } from './core/line.js'
import { BreakerMachine } from './core/machine.js'
import type { MachineFrame } from './core/machine-frame.js'

/** The machine that the options ask for. */
export function machineFor({ config, random, clock }: ResolvedCircuitBreaker): MachineFrame {
  const { hystrix } = config
  if (hystrix === undefined) return new BreakerMachine(config, random, clock.now())
  return hystrixMachine(hystrix, clock.now())
}

/** That of the line which `rules` name. */
export function hystrixMachine(rules: HystrixRules, now: number): HystrixMachine {
  const Machine = LINES[rules.compat].leasesTrial ? LeasedTrialMachine : HystrixMachine
  return new Machine(rules, now)
}
