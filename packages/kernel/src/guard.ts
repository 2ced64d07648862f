/**
 * Guards of one's own: rules that only admit a call and are told how it ended. They join the one pass in which a
 * pipeline asks all of its guards.
 */
import type { Call } from './call.js'
import type { BreakwaterError } from './errors.js'
import { isError } from './is-error.js'
import { readOptions } from './options.js'
import type { Outcome } from './outcome.js'
import { PolicyBase } from './pipeline/pipeline.js'
import type { Stage } from './pipeline/stage.js'
import type { Policy } from './policy.js'

/** A rule that admits or refuses a call, synchronously. */
export interface Guard {
  readonly name?: string
  /**
   * `undefined` admits; an error refuses the call with it. A throw, or an answer that is neither, is reported as an
   * internal error, and admits.
   */
  enter(call: Call): BreakwaterError | undefined
  /** Told exactly once for each admitted attempt. A throw is reported as an internal error, and changes nothing. */
  exit(call: Call, outcome: Outcome<unknown>): void
}

class GuardPolicy extends PolicyBase {
  override readonly stage: Stage

  constructor(guard: Guard) {
    super()
    this.stage = { slot: 'guard', part: guard, describe: () => ({ kind: 'guard', name: guard.name }) }
  }
}

/**
 * Makes a policy of a guard.
 *
 * @throws InvalidOptionsError when `enter` or `exit` is no function.
 *
 * @example
 * ```ts
 * import { guard, pipeline, RateLimitedError } from '@breakwater/kernel'
 *
 * let open = true
 * const businessHours = guard({
 *   name: 'business-hours',
 *   enter: () => (open ? undefined : new RateLimitedError('closed for today')),
 *   exit: () => {},
 * })
 * console.log(await pipeline(businessHours).execute(() => 'served')) // served
 * ```
 */
export function guard(rule: Guard): Policy {
  const part = { name: rule.name, enter: rule.enter, exit: rule.exit }
  const read = readOptions('guard', part, ['name', 'enter', 'exit'])
  const name = read.string('name', undefined)
  for (const key of ['enter', 'exit'] as const) {
    if (read.fn(key) === undefined && !read.has(key)) read.issue(key, undefined, 'a function')
  }
  read.finish()
  return new GuardPolicy({
    ...(name === undefined ? {} : { name }),
    enter: (call) => refusalIn(rule.enter(call)),
    exit: (call, outcome) => {
      rule.exit(call, outcome)
    },
  })
}

// Callers would be refused with something that says nothing, such as the promise of a rule that is asynchronous.
function refusalIn(answer: BreakwaterError | undefined): BreakwaterError | undefined {
  if (answer === undefined || isError(answer)) return answer
  throw new TypeError('enter must answer undefined or an error, at once')
}
