/**
 * What the end of a call says about the dependency, as the user sees it.
 */
import { reportInternalError } from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'
import type { ResolvedCircuitBreaker } from './circuit-breaker-options.js'
import type { Verdict } from './core/machine-data.js'

/**
 * The verdict of `classify`, or the usual one where there is none or it fails. It is not asked about calls that never ran
 * to their end; of these, Hystrix counts who was refused by another policy as a failure.
 */
export function verdictOn(
  outcome: Outcome<unknown>,
  options: Pick<ResolvedCircuitBreaker, 'classify' | 'config'>,
): Verdict {
  const { kind } = outcome
  if (kind === 'cancelled') return 'neutral'
  if (kind === 'rejected') return options.config.hystrix === undefined ? 'neutral' : 'failure'
  const usual = kind === 'success' ? 'success' : kind === 'ignored' ? 'neutral' : 'failure'
  const { classify } = options
  return classify === undefined ? usual : (askedVerdict(outcome, classify) ?? usual)
}

function askedVerdict(
  outcome: Outcome<unknown>,
  classify: NonNullable<ResolvedCircuitBreaker['classify']>,
): Verdict | undefined {
  try {
    const verdict = classify(outcome)
    if (verdict === 'success' || verdict === 'failure') return verdict
    if (verdict === 'ignored') return 'neutral'
    reportInternalError(new TypeError(`classify must answer success, failure or ignored`), 'classify')
  } catch (error) {
    reportInternalError(error, 'classify')
  }
  return undefined
}
