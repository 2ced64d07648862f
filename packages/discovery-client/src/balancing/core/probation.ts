/**
 * Keeps hosts for a while that vanish from a list which shrinks too much to be believed: a sick registry must not take healthy instances away. Only
 * those that have answered lately are kept, until they fail, come back, or their time is over (Finagle's probation, for as long as a registry
 * usually takes to recover).
 */
import type { Host } from './host.js'

export interface Probation {
  /** A list is suspicious when more than this share of the hosts before is missing, in percent. */
  readonly shrinkPercent: number
  readonly keepMs: number
  /** Who has not answered for longer is not kept. */
  readonly answeredWithinMs: number
}

/** Gives those of the missing a time who deserve it; `before` counts all hosts of the list before. */
export function putOnProbation(missing: readonly Host[], before: number, rule: Probation, now: number): void {
  if (missing.length * 100 <= rule.shrinkPercent * before) return
  for (const host of missing) {
    if (now - host.answeredAt <= rule.answeredWithinMs) host.probationUntil = now + rule.keepMs
  }
}

/** Whether the host stays though the list does not have it. */
export function isOnProbation({ probationUntil }: Host, now: number): boolean {
  return now < probationUntil
}
