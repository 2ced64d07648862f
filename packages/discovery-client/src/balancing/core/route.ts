/**
 * A route sends a share of the traffic to the instances that match it, such as a canary, and all other traffic to the others. Equal keys are routed
 * alike. A side without instances in service leaves its share to the other one.
 */
import type { Host } from './host.js'
import type { Question } from './question.js'
import { fractionOf } from './share.js'

export interface Route {
  readonly matches: (host: Host) => boolean
  readonly sharePercent: number
}

const ROUTE_SALT = 1

export function isRouted({ sharePercent }: Route, question: Question): boolean {
  return fractionOf(question, ROUTE_SALT) * 100 < sharePercent
}
