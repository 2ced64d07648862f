/**
 * What the end of a call says, in all its kinds: made beforehand, so that an end allocates nothing.
 */
import { OUTCOME_KINDS } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import type { FailureOrigin } from './ejection/rules.js'

export interface Ending {
  readonly kind: OutcomeKind
  /** The place of the kind among all. */
  readonly index: number
  readonly verdict: 'success' | 'failure' | 'neutral'
  readonly origin: FailureOrigin
}

const ORIGINS: readonly FailureOrigin[] = ['answer', 'gateway', 'local', 'throttled']

const ENDINGS: ReadonlyMap<unknown, ReadonlyMap<unknown, Ending>> = new Map(
  OUTCOME_KINDS.map((kind, index) => [
    kind,
    new Map(ORIGINS.map((origin) => [origin, make(kind, index, origin)])),
  ]),
)
const SUCCESS = endingIn('success', 'answer')
const IGNORED = endingIn('ignored', 'answer')

/** What cannot be understood says nothing. */
export function endingOf(outcome: OutcomeKind, origin: FailureOrigin | undefined): Ending {
  if (outcome === 'success') return SUCCESS
  const byOrigin = ENDINGS.get(outcome)
  if (byOrigin === undefined) return IGNORED
  // As in Envoy, to which no answer in time is a 504.
  const unsaid: FailureOrigin = outcome === 'timeout' ? 'gateway' : 'answer'
  return byOrigin.get(origin) ?? (byOrigin.get(unsaid) as Ending)
}

function endingIn(kind: OutcomeKind, origin: FailureOrigin): Ending {
  return ENDINGS.get(kind)?.get(origin) as Ending
}

function make(kind: OutcomeKind, index: number, origin: FailureOrigin): Ending {
  const isFailure = kind === 'failure' || kind === 'timeout'
  const verdict = kind === 'success' ? kind : isFailure ? 'failure' : 'neutral'
  return Object.freeze({ kind, index, verdict, origin })
}
