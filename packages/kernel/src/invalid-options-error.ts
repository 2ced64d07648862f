/**
 * The one error for bad options and bad arguments. It names every fault at once, so that a configuration is corrected
 * in one round, and formats hostile values without ever throwing.
 */
import { BreakwaterError, defineErrorClass } from './breakwater-error.js'
import type { BreakwaterErrorJson, BreakwaterErrorOptions } from './breakwater-error.js'
import { describeText, describeValue } from './describe-value.js'
import { ERROR_CODES } from './error-codes.js'
import type { ErrorCode } from './error-codes.js'

/** One fault in given options. */
export interface OptionIssue {
  /** Where, such as `openMs`, `probes.limit` or `trip[1].percent`; empty for the options as a whole. */
  readonly path: string
  /** The value found there, as given. */
  readonly received: unknown
  /** What would have been accepted. */
  readonly expected: string
  /** What was probably meant. */
  readonly hint?: string
}

const MAX_ISSUES_IN_MESSAGE = 100

/**
 * Options or arguments that cannot be used. `issues` has one entry per fault; the message lists them, one a line.
 *
 * @example
 * ```ts
 * import { InvalidOptionsError } from '@breakwater/kernel'
 *
 * const error = new InvalidOptionsError('Invalid options for Timeout', {
 *   issues: [{ path: 'timeoutMs', received: -1, expected: 'a number from 0 to 2147483647' }],
 * })
 * console.log(error.message)
 * // Invalid options for Timeout:
 * //   timeoutMs: expected a number from 0 to 2147483647, received -1
 * ```
 */
export class InvalidOptionsError extends BreakwaterError {
  static override readonly code: string = 'ERR_INVALID_OPTIONS' satisfies ErrorCode
  static {
    defineErrorClass(this, 'InvalidOptionsError', ERROR_CODES.ERR_INVALID_OPTIONS.status)
  }
  declare readonly code: 'ERR_INVALID_OPTIONS'
  /** Every fault found, in the order in which it was found. Not printed with the error: what was received may be a secret. */
  declare readonly issues: readonly OptionIssue[]

  constructor(
    message: string,
    options: BreakwaterErrorOptions & { readonly issues?: readonly OptionIssue[] } = {},
  ) {
    const issues = options.issues ?? []
    super(withIssues(message, issues), options)
    Object.defineProperty(this, 'issues', { value: Object.freeze([...issues]) })
  }

  override toJSON(): BreakwaterErrorJson {
    const issues = this.issues.map((issue) => ({ ...issue, received: describeValue(issue.received) }))
    return { ...super.toJSON(), issues }
  }
}

/**
 * The error for one bad argument of a function or constructor.
 *
 * @example
 * ```ts
 * import { invalidArgument } from '@breakwater/kernel'
 *
 * const error = invalidArgument('pipeline', { path: 'policies[0]', received: 42, expected: 'a policy' })
 * console.log(error.code) // ERR_INVALID_OPTIONS
 * ```
 */
export function invalidArgument(where: string, issue: OptionIssue): InvalidOptionsError {
  return new InvalidOptionsError(`Invalid arguments for ${where}`, { issues: [issue] })
}

function withIssues(message: string, issues: readonly OptionIssue[]): string {
  if (issues.length === 0) return message
  const lines = issues.slice(0, MAX_ISSUES_IN_MESSAGE).map(issueLine)
  const left = issues.length - lines.length
  if (left > 0) lines.push(`\n  and ${left} more`)
  return `${message}:${lines.join('')}`
}

function issueLine({ path, received, expected, hint }: OptionIssue): string {
  const where = path === '' ? 'options' : describeText(path)
  const advice = hint === undefined ? '' : ` (${hint})`
  return `\n  ${where}: expected ${expected}, received ${describeValue(received)}${advice}`
}
