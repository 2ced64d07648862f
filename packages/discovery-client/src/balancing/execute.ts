/** Runs work on a chosen instance, and tells the instance's statistics how it ended. */
import {
  buildRunner,
  invalidArgument,
  isBreakwaterError,
  reportInternalError,
  systemClock,
} from '@breakwater/kernel'
import type { Call, CallOptions, Clock, Outcome, Runner, Stage } from '@breakwater/kernel'
import type { Instance } from '../instance.js'
import type { Judge } from './balancer-options.js'
import type { CallEnd, PickRecord } from './pick.js'
import { checkExecuteOptions } from './pick-options.js'
import type { PickOptions } from './pick-options.js'

/** What is to be run, and how. */
interface Errand<R> {
  readonly work: (instance: Instance, call: Call) => R | PromiseLike<R>
  readonly options: (PickOptions & CallOptions) | undefined
  readonly classify: Judge | undefined
  readonly choose: (options: PickOptions) => PickRecord
  readonly runner: Runner
}

const OUR_REFUSALS: ReadonlySet<unknown> = new Set([
  'ERR_CIRCUIT_OPEN',
  'ERR_BULKHEAD_FULL',
  'ERR_RATE_LIMITED',
  'ERR_NO_INSTANCES',
])
const OUR_TIMEOUTS: ReadonlySet<unknown> = new Set(['ERR_TIMEOUT', 'ERR_DEADLINE_EXCEEDED'])

/** Runs calls that nothing guards, and still ends them at once on an abort and at the end of their budget. */
export function bareRunner(service: string, clock: Clock): Runner {
  // The only way to give it a clock is a part that has one.
  const timed: Stage = {
    slot: 'guard',
    part: { enter: () => undefined, exit: () => {} },
    clock,
    describe: () => ({ kind: 'guard', name: service }),
  }
  return buildRunner(clock === systemClock ? [] : [timed], service)
}

export async function runOn<R>(errand: Errand<R>): Promise<R> {
  const { work, options = {}, classify, choose, runner } = errand
  if (typeof work !== 'function')
    throw invalidArgument('execute', { path: 'work', received: work, expected: 'a function' })
  checkExecuteOptions(options)
  const { key, exclude, call: given, ...callOptions } = options
  let pick: PickRecord | undefined
  const outcome = (await runner.outcome((call) => {
    pick = choose({ key, exclude, call: given ?? call })
    return work(pick.instance, call)
    // The runner carries values of any type through.
  }, callOptions)) as Outcome<R>
  pick?.end(endOf(outcome, classify))
  if (outcome.kind === 'success') return outcome.value
  throw outcome.error
}

function endOf(outcome: Outcome<unknown>, classify: Judge | undefined): CallEnd {
  const kind = kindOf(outcome)
  const retryAfterMs = outcome.kind === 'success' ? 0 : retryAfterOf(outcome.error)
  const unjudged = { outcome: kind, retryAfterMs }
  if (classify === undefined || kind === 'cancelled' || kind === 'rejected') return unjudged
  try {
    const verdict = classify(outcome)
    if (verdict === 'success' || verdict === 'ignored') return { outcome: verdict, retryAfterMs }
    const origin = verdict === 'failure' ? undefined : verdict
    // A timeout that counts stays one.
    return { outcome: kind === 'timeout' ? kind : 'failure', origin, retryAfterMs }
  } catch (error) {
    reportInternalError(error, 'classify of a balancer')
    return unjudged
  }
}

/** Policies inside of the work end calls with our errors. */
function kindOf(outcome: Outcome<unknown>): Outcome<unknown>['kind'] {
  if (outcome.kind !== 'failure' || !isBreakwaterError(outcome.error)) return outcome.kind
  const { code } = outcome.error
  if (OUR_REFUSALS.has(code)) return 'rejected'
  if (code === 'ERR_HEDGE_LOST') return 'cancelled'
  return OUR_TIMEOUTS.has(code) ? 'timeout' : 'failure'
}

function retryAfterOf(error: unknown): number {
  const given = isBreakwaterError(error) ? error.retryAfterMs : undefined
  return given !== undefined && given <= MAX_RETRY_AFTER_MS ? given : 0
}

/** What asks for longer is not believed. */
const MAX_RETRY_AFTER_MS = 300_000
