/** Calls in large numbers that all end in one way: what the tests for leaks have their policies do. For tests only. */
import type { CallOptions, Outcome, OutcomeKind, Work } from '@breakwater/kernel'
import type { SimClock } from '@breakwater/testing'
import { answering, failing, hanging } from '../calls.model.js'
import type { Load } from './leaks.model.js'

/** Whatever can be called: a policy, a pipeline, a command. */
export interface Target {
  execute(work: Work<unknown>, options?: CallOptions): Promise<unknown>
  outcome(work: Work<unknown>, options?: CallOptions): Promise<Outcome<unknown>>
}

/** How the calls of one group go. */
export interface Manner {
  readonly work: Work<unknown>
  readonly ends: readonly OutcomeKind[]
  /** The caller's; without one, every second call has a signal that lives as long as the process. */
  readonly signal?: AbortSignal
  /** What happens once all of them have begun. */
  readonly meanwhile?: () => unknown
}

/** Calls that run beside each other. */
export const GROUP = 500
export const ATTEMPT_MS = 20
export const WAIT_MS = 10
export const TRANSIENT: Error = new Error('transient')
export const REPLACED: Error = new Error('replaced')
export const caller: AbortController = new AbortController()

/** Calls that end otherwise than said are an error: then something else would be measured. */
export function loadOf(target: Target, manner: () => Manner): Load {
  return async (count) => {
    for (let begun = 0; begun < count; begun += GROUP) await runGroup(target, manner())
  }
}

async function runGroup(target: Target, { work, ends, signal, meanwhile }: Manner): Promise<void> {
  const calls: Promise<unknown>[] = []
  const outcomes: Promise<Outcome<unknown>>[] = []
  for (let index = 0; index < GROUP; index++) {
    const own = signal ?? (index % 2 === 0 ? caller.signal : undefined)
    const options = own === undefined ? undefined : { signal: own }
    if (index % 3 === 0) calls.push(target.execute(work, options).catch(() => undefined))
    else outcomes.push(target.outcome(work, options))
  }
  await meanwhile?.()
  await Promise.all(calls)
  for (const { kind } of await Promise.all(outcomes)) {
    if (!ends.includes(kind)) throw new Error(`ended as ${kind}, not ${ends.join(' or ')}`)
  }
}

const success = (): Manner => ({ work: answering, ends: ['success'] })
const atOnce = (): Manner => ({ work: () => 'up', ends: ['success'] })
const failure = (): Manner => ({ work: failing, ends: ['failure'] })
const rejection = (): Manner => ({ work: answering, ends: ['rejected'] })
const fallback = (): Manner => ({ work: () => Promise.reject(REPLACED), ends: ['success'] })

const abort = (): Manner => {
  const controller = new AbortController()
  return {
    work: hanging,
    ends: ['cancelled'],
    signal: controller.signal,
    meanwhile: () => {
      controller.abort(new Error('enough'))
    },
  }
}

const abortBeforeRetry = (clock: SimClock): Manner => {
  const manner = abort()
  const abortAll = async (): Promise<void> => {
    // By then each has failed, and waits for its next attempt.
    await clock.flush()
    await manner.meanwhile?.()
  }
  return { ...manner, work: () => Promise.reject(TRANSIENT), meanwhile: abortAll }
}

const timeout = (clock: SimClock): Manner => ({
  work: ({ signal }) => (signal.aborted ? undefined : hanging()),
  ends: ['timeout'],
  meanwhile: () => clock.advance(ATTEMPT_MS),
})

const lateSettle = (clock: SimClock): Manner => {
  const settlements: (() => void)[] = []
  const work = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      settlements.push(() => {
        if (settlements.length % 2 === 0) resolve({ late: true })
        else reject(new Error('late'))
      })
    })
  const settleLate = async (): Promise<void> => {
    await clock.advance(ATTEMPT_MS)
    for (let settle = settlements.pop(); settle !== undefined; settle = settlements.pop()) settle()
    await clock.flush()
  }
  return { work, ends: ['timeout'], meanwhile: settleLate }
}

const retry = (clock: SimClock): Manner => ({
  work: ({ attempt }) => (attempt < 3 ? Promise.reject(TRANSIENT) : 'up'),
  ends: ['success'],
  meanwhile: () => clock.advance(10),
})

const retriesInVain = (clock: SimClock): Manner => ({
  work: () => Promise.reject(TRANSIENT),
  ends: ['failure'],
  meanwhile: () => clock.advance(10),
})

const queueWait = (): Manner => ({ work: () => Promise.resolve().then(answering), ends: ['success'] })

/** Nothing frees a slot while the others wait; in the end those who hold them are let go. */
const waitTooLong = (clock: SimClock): Manner => {
  const held: ((value: string) => void)[] = []
  return {
    work: () => new Promise((resolve) => held.push(resolve)),
    ends: ['rejected', 'success'],
    meanwhile: async () => {
      await clock.advance(WAIT_MS)
      for (const free of held) free('up')
      await clock.flush()
    },
  }
}

export type Way =
  | 'success at once'
  | 'success'
  | 'failure'
  | 'rejection'
  | 'timeout'
  | 'caller’s abort'
  | 'late settle'
  | 'retry'
  | 'retries in vain'
  | 'caller’s abort before a retry'
  | 'queue wait'
  | 'queue wait that is too long'
  | 'caller’s abort in the queue'
  | 'fallback'
  | 'fallback that fails'

/** The ways in which calls can end. */
export const WAYS: Readonly<Record<Way, (clock: SimClock) => Manner>> = {
  'success at once': atOnce,
  success,
  failure,
  rejection,
  timeout,
  'caller’s abort': abort,
  'late settle': lateSettle,
  retry,
  'retries in vain': retriesInVain,
  'caller’s abort before a retry': abortBeforeRetry,
  'queue wait': queueWait,
  'queue wait that is too long': waitTooLong,
  'caller’s abort in the queue': abort,
  fallback,
  'fallback that fails': () => ({ ...fallback(), ends: ['failure'] }),
}
