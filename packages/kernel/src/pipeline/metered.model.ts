/**
 * Policies under a meter.
 */
import type { Outcome } from '../outcome.js'
import type { Policy } from '../policy.js'
import { countingMeter } from './counting-meter.model.js'
import type { CountingMeter } from './counting-meter.model.js'
import { buildRunner, stagesOf } from './pipeline.js'
import type { Runner } from './runner.js'

export interface Metered {
  readonly meter: CountingMeter
  readonly outcome: Runner['outcome']
}

export function metered(...policies: Policy<unknown>[]): Metered {
  const meter = countingMeter()
  const stages = policies.flatMap((policy, index) => stagesOf(policy, index))
  const runner = buildRunner([meter.stage, ...stages], undefined)
  return { meter, outcome: runner.outcome.bind(runner) }
}

/** The end of a call whose caller aborted with the reason `mine`. */
export const CANCELLED: Outcome<never> = { kind: 'cancelled', error: 'mine' }

/** What the meter has heard of one such call. */
export const ONE_CANCELLED: Partial<CountingMeter['sums']> = {
  started: 1,
  ended: 1,
  cancelled: 1,
  answered: 0,
}
