/**
 * The simplest meter: it counts what it hears, so that the sums of a pipeline can be checked.
 */
import type { OutcomeKind } from '../outcome.js'
import type { MeterPart, Stage } from './stage.js'

type Sums = Record<OutcomeKind | 'started' | 'ended' | 'answered' | 'threw', number>

export interface CountingMeter {
  readonly sums: Readonly<Sums>
  readonly stage: Stage
}

/** `ignores` says which errors of the work count as ignored. */
export function countingMeter(ignores: (error: unknown) => boolean = () => false): CountingMeter {
  const sums: Sums = {
    started: 0,
    ended: 0,
    answered: 0,
    threw: 0,
    success: 0,
    failure: 0,
    timeout: 0,
    rejected: 0,
    cancelled: 0,
    ignored: 0,
  }
  const ended = (kind: OutcomeKind): void => {
    sums.ended++
    sums[kind]++
  }
  const part: MeterPart = {
    started: () => sums.started++,
    kindOf: (error) => (ignores(error) ? 'ignored' : 'failure'),
    ended: ({ kind }) => ended(kind),
    succeeded: () => ended('success'),
    answered: () => sums.answered++,
    threw: () => sums.threw++,
  }
  return { sums, stage: { slot: 'meter', part, describe: () => ({ kind: 'meter' }) } }
}
