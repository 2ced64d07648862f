/** What is called in the tests for leaks: single policies, all five together, and a command. For tests only. */
import { Bulkhead, CircuitBreaker, constant, Retry, Timeout, tripWhen } from '@breakwater/breaker'
import { createCommand } from '@breakwater/command'
import type { Command } from '@breakwater/command'
import { Fallback } from '@breakwater/fallback'
import { createRuntime, pipeline } from '@breakwater/kernel'
import type { Work } from '@breakwater/kernel'
import type { SimClock } from '@breakwater/testing'
import { hanging, times } from '../calls.model.js'
import { ATTEMPT_MS, GROUP, REPLACED, TRANSIENT, WAIT_MS } from './loads.model.js'
import type { Target, Way } from './loads.model.js'

const NEVER = tripWhen(() => false)
const FEW = 5
const WAITING: readonly Way[] = ['queue wait', 'queue wait that is too long', 'caller’s abort in the queue']

function breakerFor(way: Way, clock: SimClock): CircuitBreaker {
  const breaker = new CircuitBreaker({ clock, trip: NEVER })
  if (way === 'rejection') breaker.forceOpen()
  return breaker
}

/** With few slots where calls should wait, and with all of them taken where they should be refused. */
function bulkheadFor(way: Way, clock: SimClock): Bulkhead {
  const waits = WAITING.includes(way)
  const isFull = way === 'rejection'
  const bulkhead = new Bulkhead({
    clock,
    limit: waits || isFull ? FEW : GROUP,
    queue: { limit: waits ? GROUP : 0, maxWaitMs: WAIT_MS },
    releaseOnTimeout: true,
  })
  if (isFull) for (const work of times(FEW, hanging)) void bulkhead.execute(work)
  return bulkhead
}

const timeoutFor = (_way: Way, clock: SimClock): Timeout => new Timeout({ timeoutMs: ATTEMPT_MS, clock })

const retryIf = (error: unknown): boolean => error === TRANSIENT

const retryFor = (_way: Way, clock: SimClock): Retry =>
  new Retry({ clock, maxRetries: 2, backoff: constant({ ms: 1 }), retryIf })

const answerFor = (way: Way) => (): string => {
  if (way === 'fallback that fails') throw REPLACED
  return 'instead'
}

const fallbackFor = (way: Way): Fallback =>
  new Fallback({ chain: [answerFor(way)], when: ({ error }) => error === REPLACED, limit: GROUP })

type Make = (way: Way, clock: SimClock) => Target

const POLICIES: readonly (readonly [string, Make, readonly Way[]])[] = [
  ['circuit breaker', breakerFor, ['success at once', 'success', 'failure', 'rejection', 'caller’s abort']],
  ['bulkhead', bulkheadFor, ['success', 'failure', 'rejection', 'caller’s abort', ...WAITING]],
  ['timeout', timeoutFor, ['success', 'failure', 'timeout', 'late settle', 'caller’s abort']],
  ['retry', retryFor, ['success', 'failure', 'retry', 'retries in vain', 'caller’s abort before a retry']],
  ['fallback', fallbackFor, ['success', 'failure', 'fallback', 'fallback that fails']],
]

/** Each policy by itself, with each way in which its calls can end. */
export const SINGLE_POLICIES: readonly (readonly [string, Way, Make])[] = POLICIES.flatMap(
  ([name, make, ways]) => ways.map((way) => [name, way, make] as const),
)

/** All five, the timeout both around everything and inside. A refusal is the breaker's. */
export function stackFor(way: Way, clock: SimClock): Target {
  return pipeline(
    fallbackFor(way),
    new Timeout({ timeoutMs: 1_000, clock }),
    retryFor(way, clock),
    breakerFor(way, clock),
    bulkheadFor(way === 'rejection' ? 'success' : way, clock),
    timeoutFor(way, clock),
  )
}

/** A command that runs the work which it is given. Here a refusal is the bulkhead's. */
export function commandOf(way: Way, clock: SimClock): Command<[Work<unknown>], unknown> {
  return createCommand({
    name: 'leaks',
    // One of its own: the same name stands for another definition each way.
    runtime: createRuntime(),
    run: (call, work: Work<unknown>) => work(call),
    ...(way.startsWith('fallback') ? { fallback: answerFor(way) } : {}),
    clock,
    timeoutMs: 1_000,
    attemptTimeoutMs: ATTEMPT_MS,
    breaker: { trip: NEVER },
    bulkhead: bulkheadFor(way, clock),
    retry: retryFor(way, clock),
    fallbackLimit: GROUP,
  })
}

export function commandFor(way: Way, clock: SimClock): Target {
  const command = commandOf(way, clock)
  return {
    execute: (work, options) => (options === undefined ? command : command.with(options)).execute(work),
    outcome: (work, options) => (options === undefined ? command : command.with(options)).outcome(work),
  }
}
