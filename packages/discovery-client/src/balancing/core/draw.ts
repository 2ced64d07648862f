/** Drawing hosts by chance. */
import type { Host } from './host.js'
import type { Question } from './question.js'

/** A whole number from 0 to `count` − 1. */
export function drawIndex(count: number, question: Question): number {
  return Math.floor(question.random.next() * count)
}

/** The hosts that may be chosen: all of them, unless the caller excludes some. */
export function allowedOf(hosts: readonly Host[], question: Question): readonly Host[] {
  return question.excludes ? hosts.filter((host) => !question.isExcluded(host)) : hosts
}

/** Any of them, each as likely as the other. */
export function drawAny(hosts: readonly Host[], question: Question): Host | undefined {
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
