/**
 * From options to a plan that surely works: everything is checked, the policies inside too, before anything is made,
 * registered or changed.
 */
import { InvalidOptionsError, isPlainObject, readOptions } from '@breakwater/kernel'
import type { OptionIssue } from '@breakwater/kernel'
import { resolveCommandOptions, TUNING_KEYS } from './command-options.js'
import type { ResolvedCommand } from './command-options.js'
import { RATE_KEYS } from './command-rate.js'
import { copyOptions, mergeOptions } from './option-merge.js'
import type { Given } from './option-merge.js'
import { BREAKER_KEYS, BULKHEAD_KEYS, faultsOfParts, owns } from './parts.js'

/** What a command is to be. */
export interface Plan {
  /** The options as given, by creation and updates so far; a copy. */
  readonly given: Given
  /** What follows from them. */
  readonly resolved: ResolvedCommand
}

/** The plan of a new command. Throws one `InvalidOptionsError` with the faults of all options. */
export function firstPlan(options: unknown): Plan {
  const issues: OptionIssue[] = []
  const given = copyOptions(options, issues)
  return checkedPlan('createCommand', isPlainObject(given) ? mergeOptions({}, given) : given, issues)
}

/** The plan of a command after an update. Throws as {@link firstPlan} does, and for what cannot be changed. */
export function changedPlan(before: Plan, options: unknown): Plan {
  const issues: OptionIssue[] = []
  const changes = copyOptions(options, issues)
  const read = readOptions('command.update', changes, TUNING_KEYS)
  if (owns(before.resolved.breaker, 'breaker') && isPlainObject(read.value('breaker')))
    read.nested('breaker', BREAKER_KEYS)
  if (owns(before.resolved.bulkhead, 'limit') && isPlainObject(read.value('bulkhead')))
    read.nested('bulkhead', BULKHEAD_KEYS)
  if (before.resolved.pool !== undefined && read.has('bulkhead'))
    read.issue(
      'bulkhead',
      read.value('bulkhead'),
      'nothing: it is that of the pool, which has an update() of its own',
    )
  if (owns(before.resolved.rate, 'rate') && isPlainObject(read.value('rate'))) read.nested('rate', RATE_KEYS)
  issues.push(...read.issues)
  const given = isPlainObject(changes) ? mergeOptions(before.given, changes) : before.given
  return { given, resolved: keepUntouched(before, checkedPlan('command.update', given, issues)) }
}

// What nobody spoke of stays the same object, by which its policy will be seen to stay.
function keepUntouched(before: Plan, { given, resolved }: Plan): ResolvedCommand {
  const isSame = (key: string): boolean => given[key] === before.given[key]
  // That of a pool is for all of its commands: also where one says that nothing is to be special about it.
  const isOfPool = before.resolved.pool !== undefined
  const hasSameTime = resolved.attemptTimeoutMs === before.resolved.attemptTimeoutMs
  return {
    ...resolved,
    rate: isSame('rate') ? before.resolved.rate : resolved.rate,
    retry: isSame('retry') ? before.resolved.retry : resolved.retry,
    hedge: isSame('hedge') ? before.resolved.hedge : resolved.hedge,
    breaker: isSame('breaker') && hasSameTime ? before.resolved.breaker : resolved.breaker,
    bulkhead: isOfPool || isSame('bulkhead') ? before.resolved.bulkhead : resolved.bulkhead,
  }
}

function checkedPlan(component: string, given: unknown, found: OptionIssue[]): Plan {
  const issues = [...found]
  const resolved = resolveCommandOptions(given, issues)
  if (isPlainObject(given)) issues.push(...faultsOfParts(given, resolved))
  if (issues.length > 0)
    throw new InvalidOptionsError(`Invalid options for ${component}`, { issues: onePerPath(issues) })
  // Anything but a plain object is an issue.
  return { given: given as Given, resolved }
}

// The first complaint about an option is the one that fits; others follow from it.
function onePerPath(issues: readonly OptionIssue[]): OptionIssue[] {
  const byPath = new Map<string, OptionIssue>()
  for (const issue of issues) if (!byPath.has(issue.path)) byPath.set(issue.path, issue)
  return [...byPath.values()]
}
