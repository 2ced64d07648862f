/**
 * Callers with an async context each, and what of their calls ran in whose.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { constant, Retry } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import type { Cancel, ScheduleOptions } from '../clock.js'
import type { Policy } from '../policy.js'

export const caller: AsyncLocalStorage<string> = new AsyncLocalStorage<string>()

/** Runs each timer in the context in which it was set, as the timers of Node do. */
export class ContextClock extends SimClock {
  override schedule(at: number, run: () => void, options?: ScheduleOptions): Cancel {
    return super.schedule(at, AsyncResource.bind(run), options)
  }

  override afterPoll(run: () => void): Cancel {
    return super.afterPoll(AsyncResource.bind(run))
  }
}

/** Whose call, what of it, and in whose context it ran. */
export interface Seen {
  readonly who: string
  readonly what: string
  readonly context: string | undefined
}

/** Lets Ann and Bob call at the same time; `make` gets a fallback handler that notes its context. */
export async function watch(
  clock: ContextClock,
  make: (handler: () => string) => Policy<unknown>,
  work: () => unknown,
): Promise<Seen[]> {
  const seen: Seen[] = []
  const policy = make(() => {
    const context = caller.getStore()
    seen.push({ who: context ?? 'nobody', what: 'fallback', context })
    return 'instead'
  })
  const calls = ['ann', 'bob'].map((who) =>
    caller.run(who, () =>
      policy.outcome(({ attempt }) => {
        seen.push({ who, what: `attempt ${attempt}`, context: caller.getStore() })
        return work()
      }),
    ),
  )
  await clock.advance(10_000)
  await Promise.all(calls)
  return seen
}

/** What ran in the context of somebody else, or of nobody. */
export const strangers = (seen: readonly Seen[]): Seen[] => seen.filter(({ who, context }) => who !== context)

/** Who got so far. */
export const whoDid = (seen: readonly Seen[], what: string): string[] =>
  seen.filter((entry) => entry.what === what).map(({ who }) => who)

export const again = (clock: ContextClock): Retry =>
  new Retry({ maxRetries: 2, backoff: constant({ ms: 20 }), clock })

export const fail = (): Promise<never> => Promise.reject(new Error('down'))
