/**
 * What has waited until its time was over.
 */
import { Bulkhead, constant, Hedge, Retry, Timeout } from '@breakwater/breaker'
import { RequestCache } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { expect, it } from 'vitest'
import type { CallOptions, Work } from '../call.js'
import type { Policy } from '../policy.js'
import { errorOf, never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

/** A policy as users write them. */
function own(execute: (work: Work<unknown>, options?: CallOptions) => unknown): Policy {
  return { execute } as unknown as Policy
}

/** Gives each call 150 ms, and ends none. */
function givingTime(clock: SimClock): Policy {
  return own((work) => {
    const deadline = clock.now() + 150
    const { signal } = new AbortController()
    return work({ attempt: 1, signal, deadline, remainingMs: () => deadline - clock.now() })
  })
}

it.each([
  [
    'the whole time',
    (clock: SimClock) => pipeline(new Timeout({ timeoutMs: 100, clock }), new Retry({ clock })),
  ],
  [
    'the time of a hedge',
    (clock: SimClock) => pipeline(new Timeout({ timeoutMs: 100, clock }), new Hedge({ delayMs: 90, clock })),
  ],
  [
    'the time around it',
    (clock: SimClock) => pipeline(new Bulkhead({ clock }), new Timeout({ timeoutMs: 100, clock })),
  ],
])('T6: who gets a slot when %s is over starts nothing, and passes the slot on', async (_name, around) => {
  const clock = new SimClock()
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 10 }, clock })
  const stack = pipeline(around(clock), bulkhead)
  const started: string[] = []
  let free = (): void => undefined
  const first = bulkhead.execute(() => new Promise<void>((resolve) => (free = resolve)))
  const late = [
    errorOf(stack.execute(() => started.push('late'))),
    stack.outcome(() => started.push('late')).then((outcome) => outcome.kind !== 'success' && outcome.error),
  ]
  const patient = bulkhead.execute(() => started.push('patient'))
  await clock.advance(50)

  // The loop is busy until after the time, and the slot is freed before it looks at its timers.
  clock.stall(100)
  free()
  await first
  await patient

  expect(started).toEqual(['patient'])

  await clock.advance(100)

  expect(await Promise.all(late)).toMatchObject([{ code: 'ERR_TIMEOUT' }, { code: 'ERR_TIMEOUT' }])
  expect(started).toEqual(['patient'])
  expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
})

it('a call whose time is over when it was to be tried again ends, though who gave it the time ends nothing', async () => {
  const clock = new SimClock()
  const retry = new Retry({ maxRetries: 3, backoff: constant({ ms: 140 }), clock })
  const left: number[] = []
  const outcome = pipeline(givingTime(clock), retry).outcome((call) => {
    left.push(call.remainingMs())
    throw new Error('down')
  })
  await clock.advance(100)

  clock.stall(100)
  await clock.advance(10_000)

  expect(await outcome).toMatchObject({ kind: 'failure', error: { message: 'down' } })
  expect(left).toEqual([150, 0])
})

it.each([
  ['', () => []],
  [' in a hedge', (clock: SimClock) => [new Hedge({ maxHedges: 0, clock })]],
])(
  'a run%s goes on for who joins it when the time of its first caller is just over',
  async (_where, inside) => {
    const clock = new SimClock()
    const cache = new RequestCache({ scope: 'process', key: () => 'same', clock })
    const retry = new Retry({ backoff: constant({ ms: 140 }), clock })
    const stack = pipeline(cache, ...inside(clock), retry)
    const work = ({ attempt }: { readonly attempt: number }): string => {
      if (attempt === 1) throw new Error('down')
      return 'up'
    }
    const ends: unknown[] = []
    void stack.outcome(work, { budgetMs: 150 })
    await clock.advance(100)

    clock.io(160, () => void stack.outcome(work).then((outcome) => ends.push(outcome)))
    clock.stall(100)
    await clock.advance(10_000)

    expect(ends).toEqual([{ kind: 'success', value: 'up' }])
  },
)

it('a call ends as who gave it the time says, when he ends it', async () => {
  const clock = new SimClock()
  const inner = pipeline(new Timeout({ timeoutMs: 150, clock }), new Bulkhead({ clock }))
  const retry = new Retry({ maxRetries: 3, backoff: constant({ ms: 140 }), clock })
  const stack = pipeline(
    own((work, options) => inner.execute(work, options)),
    retry,
  )
  const outcome = stack.outcome(({ attempt }) => {
    if (attempt === 1) throw new Error('down')
    return never()
  })
  await clock.advance(100)

  clock.stall(100)
  await clock.advance(10_000)

  expect(await outcome).toMatchObject({ error: { code: 'ERR_TIMEOUT' } })
})
