// What a scenario says: who serves, who calls how often, what goes wrong when, and what is looked at.

import type { BalancerOptions } from '@breakwater/discovery-client'
import type { Random } from '@breakwater/kernel'
import type { Judgements } from '../core/call.ts'
import type { Answer, Server } from '../core/server.ts'
import type { EventQueue } from '../core/event-queue.ts'
import type { Distribution } from '../core/distributions.ts'

/** Where a script plays: it plans what goes wrong, and publishes lists. */
export interface Stage {
  readonly queue: EventQueue
  readonly random: Random
  /** Publishes the list of instances: the numbers of servers, which may be `undefined` for one at a new address. */
  publish(members: readonly Member[]): void
}

/** An entry of the list. */
export interface Member {
  readonly server: number
  /** Another one is another process at the same server. Default 0. */
  readonly generation?: number
  readonly zone?: string
}

/** Servers, and the script that breaks them. */
export interface Cast {
  readonly servers: readonly Server[]
  /** What is published at the beginning. */
  readonly members: readonly Member[]
  play?(stage: Stage): void
}

/** How calls are tried again. */
export interface Retries {
  readonly attempts: number
  readonly isRetried: (answer: Answer) => boolean
  readonly backoffMs: (attempt: number, random: Random) => number
}

/** Servers that are bad for a while. */
export interface BadTime {
  readonly servers: readonly number[]
  readonly fromMs: number
  readonly untilMs: number
}

export interface Scenario {
  /** Also part of the seed. */
  readonly id: string
  readonly title: string
  readonly clients: number
  readonly durationMs: number
  /** So long after the last arrival calls may still end. */
  readonly drainMs: number
  /** Calls before are not looked at. */
  readonly fromMs: number
  readonly demand: Distribution
  /** Calls a second of all clients together. */
  readonly perSecond: (now: number) => number
  /** Whether calls come by chance (the default) or one after the other at even distances. */
  readonly isEven?: boolean
  /** Operations of the service. Default 1. */
  readonly endpoints?: number
  /** Whether a client has a balancer for each of them. */
  readonly isApart?: boolean
  readonly timeoutMs?: number
  readonly retries?: Retries
  /** What is judged otherwise than by default, as a `classify` of the caller may do. */
  readonly judgements?: Partial<Judgements>
  /** How many calls a client may have at one instance; the others wait. */
  readonly limit?: BalancerOptions['limit']
  readonly bad?: BadTime
  cast(queue: EventQueue): Cast
}
