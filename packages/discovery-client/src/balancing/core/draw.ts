/** Drawing hosts by chance. */
import type { Host } from './host.js'
import type { Question } from './question.js'

/** So many draws are made before those that may be chosen are listed: all that is needed while most may. */
export const DRAWS = 8

/** A whole number from 0 to `count` − 1. */
export function drawIndex(count: number, question: Question): number {
  return Math.floor(question.random.next() * count)
}

/** The hosts that may be chosen: all of them, unless the caller excludes some. */
export function allowedOf(hosts: readonly Host[], question: Question): readonly Host[] {
  return question.excludes ? hosts.filter((host) => !question.isExcluded(host)) : hosts
}

/** Any of those that may be chosen, each as likely as the other. O(1) while most may be. */
export function drawAny(hosts: readonly Host[], question: Question): Host | undefined {
  if (!question.excludes) return hosts[drawIndex(hosts.length, question)]
  for (let draw = 0; draw < DRAWS; draw++) {
    const host = hosts[drawIndex(hosts.length, question)] as Host
    if (!question.isExcluded(host)) return host
  }
  const allowed = allowedOf(hosts, question)
  return allowed[drawIndex(allowed.length, question)]
}

/** Weights that can be worked with: when all are 0, all are 1. */
export function weightsOf(hosts: readonly Host[]): readonly number[] {
  const weights = hosts.map(({ weight }) => weight)
  return weights.some((weight) => weight > 0) ? weights : weights.map(() => 1)
}

/** Whether all of them weigh the same. */
export function areEqual(weights: readonly number[]): boolean {
  return weights.every((weight) => weight === weights[0])
}
