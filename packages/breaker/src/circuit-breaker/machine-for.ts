/**
 * Which state machine a breaker has.
 */
import type { ResolvedCircuitBreaker } from './circuit-breaker-options.js'
import { HystrixMachine } from './core/hystrix-machine.js'
import { BreakerMachine } from './core/machine.js'
import type { MachineFrame } from './core/machine-frame.js'

/** The machine that the options ask for. */
export function machineFor({ config, random, clock }: ResolvedCircuitBreaker): MachineFrame {
  const { hystrix } = config
  if (hystrix === undefined) return new BreakerMachine(config, random, clock.now())
  return new HystrixMachine(hystrix, clock.now())
}
