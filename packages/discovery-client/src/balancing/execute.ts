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
import { Turn } from './waiting-line.js'
import type { WaitingLine } from './waiting-line.js'

/** What is to be run, and how. */
interface Errand<R> {
  readonly work: (instance: Instance, call: Call) => R | PromiseLike<R>
  readonly options: (PickOptions & CallOptions) | undefined
  readonly classify: Judge | undefined
  readonly choose: (options: PickOptions) => PickRecord
  /** Where it waits while all are full, if it may. */
  readonly line: WaitingLine | undefined
  readonly runner: Runner
}

const OUR_REFUSALS: ReadonlySet<unknown> = new Set([
  'ERR_CIRCUIT_OPEN',
  'ERR_BULKHEAD_FULL',
  'ERR_RATE_LIMITED',
  'ERR_NO_INSTANCES',
])
const ASKED_NOBODY: CallEnd = { outcome: 'cancelled' }
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
  const { work, options = {}, classify, choose, line, runner } = errand
  if (typeof work !== 'function')
    throw invalidArgument('execute', { path: 'work', received: work, expected: 'a function' })
  checkExecuteOptions(options)
  const { key, exclude, call: given, ...callOptions } = options
  let entered: PickRecord | Turn | undefined
  const outcome = (await runner.outcome((call) => {
    const wanted = { key, exclude, call: given ?? call }
    entered = line === undefined ? choose(wanted) : line.enter(wanted)
    return entered instanceof Turn ? runInTurn(entered, work, call) : work(entered.instance, call)
    // The runner carries values of any type through.
  }, callOptions)) as Outcome<R>
  if (entered instanceof Turn) line?.leave(entered)
  pickOf(entered)?.end(hasAsked(entered) ? endOf(outcome, classify) : ASKED_NOBODY)
  if (outcome.kind === 'success') return outcome.value
  throw outcome.error
}

async function runInTurn<R>(turn: Turn, work: Errand<R>['work'], call: Call): Promise<R> {
  const { instance } = await turn.served
  // It may have ended in the moment between.
  call.signal.throwIfAborted()
  turn.hasBegun = true
  return work(instance, call)
}

/** Whose time was over in the moment in which its turn came has a pick, of which the instance never heard. */
function hasAsked(entered: PickRecord | Turn | undefined): boolean {
  return !(entered instanceof Turn) || entered.hasBegun
}

/** Who waited in vain has none. */
function pickOf(entered: PickRecord | Turn | undefined): PickRecord | undefined {
  return entered instanceof Turn ? entered.pick : entered
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
