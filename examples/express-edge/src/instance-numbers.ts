// What the balancers have counted, as a page of metrics shows it.

import type { Sample } from './prometheus-text.ts'
import { COMMANDS } from './tally.ts'
import type { CommandName } from './tally.ts'

/** Ended calls by the id of the instance, since the start of the process. */
export type CallsByInstance = Readonly<Record<string, number>>

/** A balancer on one page. Counts are since the start of the process. */
export interface BalancedNumbers {
  /** Calls that ended well. */
  readonly successes: number
  /** Calls that failed or took too long. */
  readonly failures: number
  /** All ended calls. */
  readonly calls: number
}

/** A share of the calls between two pages. */
export interface Share {
  readonly id: string
  readonly calls: number
  /** 0 to 1; absent when there was no call. */
  readonly share: number | undefined
}

/** The calls to each instance. */
export function readInstances(samples: readonly Sample[]): CallsByInstance {
  const calls: Record<string, number> = {}
  for (const { name, labels, value } of samples) {
    const { server = '' } = labels
    if (name === 'breakwater_lb_server_requests_total') calls[server] = (calls[server] ?? 0) + value
  }
  return calls
}

/** The balancers by command. */
export function readBalancers(samples: readonly Sample[]): ReadonlyMap<CommandName, BalancedNumbers> {
  return new Map(
    COMMANDS.flatMap((command) => {
      const own = samples.filter(
        ({ name, labels }) => name === 'breakwater_lb_requests_total' && labels['client'] === command,
      )
      if (own.length === 0) return []
      const sum = (isWanted: (outcome: string) => boolean): number =>
        own.reduce((total, { labels, value }) => total + (isWanted(labels['outcome'] ?? '') ? value : 0), 0)
      const successes = sum((outcome) => outcome === 'success')
      const failures = sum((outcome) => outcome === 'failure' || outcome === 'timeout')
      const calls = sum((outcome) => outcome !== 'no_instance')
      return [[command, { successes, failures, calls }] as const]
    }),
  )
}

/** Who of these had which share of their calls between two pages. */
export function sharesBetween(
  before: CallsByInstance,
  after: CallsByInstance,
  ids: readonly string[],
): readonly Share[] {
  const calls = ids.map((id) => (after[id] ?? 0) - (before[id] ?? 0))
  const all = calls.reduce((sum, each) => sum + each, 0)
  return ids.map((id, index) => {
    const own = calls[index] ?? 0
    return { id, calls: own, share: all === 0 ? undefined : own / all }
  })
}
