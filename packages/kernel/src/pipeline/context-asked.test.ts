import { Bulkhead, constant, Hedge, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { expect, it } from 'vitest'
import type { Work } from '../call.js'
import { guard } from '../guard.js'
import type { Policy } from '../policy.js'
import { caller, ContextClock } from './context.model.js'
import { never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

/** Notes in whose context it is called. */
type Note = () => void

const WAYS: Record<string, (clock: ContextClock, note: Note) => Policy<unknown>> = {
  'whether to try again': (clock, note) => {
    const retryIf = (): boolean => {
      note()
      return false
    }
    return pipeline(new Retry({ retryIf, clock }), new Timeout({ timeoutMs: 30, clock }))
  },
  'of a further attempt': (clock, note) => {
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 5 }), clock })
    retry.on('retry', note)
    return pipeline(retry, new Timeout({ timeoutMs: 30, clock }))
  },
  'whether to fall back': (clock, note) => {
    const when = (): boolean => {
      note()
      return true
    }
    const fallback = new Fallback({ chain: [() => 1], when })
    return pipeline(fallback, new Timeout({ timeoutMs: 30, clock }))
  },
  'whether to fall back after a wait in a queue': (clock, note) => {
    const when = (): boolean => {
      note()
      return true
    }
    const full = new Bulkhead({ limit: 1, queue: { limit: 5, maxWaitMs: 30 }, clock })
    void full.execute(never)
    return pipeline(new Fallback({ chain: [() => 1], when }), full)
  },
  'of the end, as a guard': (clock, note) =>
    pipeline(
      new Retry({ maxRetries: 0, clock }),
      guard({ name: 'own', enter: () => undefined, exit: note }),
      new Timeout({ timeoutMs: 30, clock }),
    ),
  'of a hedge': (clock, note) => {
    const hedge = new Hedge({ delayMs: 30, maxExtraPercent: 100, clock })
    hedge.on('hedge', note)
    return hedge
  },
  'by the signal of the call': (clock) =>
    pipeline(new Retry({ maxRetries: 0, clock }), new Timeout({ timeoutMs: 30, clock })),
}

it.each(Object.entries(WAYS))(
  'who is asked or told %s after a timer is in the caller’s context',
  async (_name, make) => {
    const clock = new ContextClock()
    const seen: (string | undefined)[] = []
    const note = (): void => void seen.push(caller.getStore())
    const policy = make(clock, note)
    const isTold = make.length === 1
    const work: Work<unknown> = ({ attempt, signal }) => {
      if (isTold) signal.addEventListener('abort', note)
      return policy instanceof Hedge && attempt > 1 ? 'second' : never()
    }

    const calls = ['ann', 'bob'].map((who) => caller.run(who, () => policy.outcome(work)))
    await clock.advance(10_000)
    await Promise.all(calls)

    expect(seen).toEqual(['ann', 'bob'])
  },
)
