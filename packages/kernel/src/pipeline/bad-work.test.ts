import { Bulkhead, CircuitBreaker, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'
import { countingMeter } from './counting-meter.model.js'
import { deferred } from './deferred.model.js'
import type { CountingMeter } from './counting-meter.model.js'
import type { Runner } from './runner.js'

const { then } = Promise.prototype
const boom = new Error('boom')
const trap = (): never => {
  throw boom
}
type Settle = (value: unknown) => void

class OverriddenThen extends Promise<unknown> {
  override then(): never {
    throw boom
  }
}
class LazyPromise extends Promise<unknown> {}
Reflect.defineProperty(LazyPromise.prototype, 'then', {
  value: (ok: Settle, no: Settle) => then.call(Promise.resolve('lazy'), ok, no),
})
class ThrowingSpecies extends Promise<unknown> {
  static override get [Symbol.species](): PromiseConstructor {
    throw boom
  }
}
const withProperty = (key: string, descriptor: PropertyDescriptor): unknown =>
  Object.defineProperty(Promise.resolve('value'), key, descriptor)

/** What foreign work may hand back; what `await` would make of it, as far as that can be. */
const strange: [string, () => unknown, string][] = [
  ['throws at once', trap, 'failure'],
  ['returns nothing', () => undefined, 'success'],
  ['returns a thenable that throws', () => ({ then: trap }), 'failure'],
  [
    'returns a thenable that throws after it answered',
    () => ({
      then: (ok: Settle) => {
        ok('first')
        trap()
      },
    }),
    'success',
  ],
  [
    'returns a thenable that settles twice',
    () => ({
      then: (ok: Settle, no: Settle) => {
        ok('first')
        no(boom)
        ok('third')
      },
    }),
    'success',
  ],
  [
    'returns a thenable that fails, then answers',
    () => ({
      then: (ok: Settle, no: Settle) => {
        no(boom)
        ok('second')
      },
    }),
    'failure',
  ],
  [
    'returns a thenable that answers with itself',
    () => {
      const self = {
        then: (ok: Settle) => {
          queueMicrotask(() => ok({ value: 'x' }))
        },
      }
      return self
    },
    'success',
  ],
  [
    'returns an object whose then cannot be read',
    () => Object.defineProperty({}, 'then', { get: trap }),
    'failure',
  ],
  ['returns an object whose then is no function', () => ({ then: 7 }), 'success'],
  [
    'returns a proxy of which nothing can be read',
    () => new Proxy({}, { get: trap, getPrototypeOf: trap }),
    'failure',
  ],
  [
    'returns a function with a then',
    () => Object.assign(() => 1, { then: (ok: Settle) => ok('callable') }),
    'success',
  ],
  ['returns a promise subclass whose then throws', () => OverriddenThen.resolve(1), 'failure'],
  ['returns a promise subclass that starts in its then', () => new LazyPromise(() => undefined), 'success'],
  ['returns a promise whose species throws', () => ThrowingSpecies.resolve(1), 'failure'],
  [
    'returns a promise with a throwing constructor',
    () => withProperty('constructor', { get: trap }),
    'failure',
  ],
  [
    'returns a promise with a strange constructor',
    () => withProperty('constructor', { value: { [Symbol.species]: 5 } }),
    'failure',
  ],
  ['returns a proxy of a promise', () => new Proxy(Promise.resolve(1), {}), 'failure'],
  ['returns what only looks like a promise', () => Object.create(Promise.prototype), 'failure'],
]

interface Stand {
  readonly runner: Runner
  readonly meter: CountingMeter
  readonly bulkhead: Bulkhead
}

const stands: [string, () => Stand][] = (
  [
    ['guards only', (bulkhead) => [new CircuitBreaker(), bulkhead]],
    ['a timeout', (bulkhead) => [bulkhead, new Timeout({ timeoutMs: 60_000 })]],
    ['a retry', (bulkhead) => [new Retry({ maxRetries: 0 }), bulkhead]],
    ['two stretches', (bulkhead) => [bulkhead, new CircuitBreaker(), new Timeout({ timeoutMs: 60_000 })]],
  ] as [string, (bulkhead: Bulkhead) => Parameters<typeof pipeline>][]
).map(([name, policies]) => [
  name,
  () => {
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 } })
    const meter = countingMeter()
    const stages = pipeline(...policies(bulkhead)) as unknown as Parameters<typeof stagesOf>[0]
    return { runner: buildRunner([meter.stage, ...stagesOf(stages, 0)], undefined), meter, bulkhead }
  },
])

describe.each(stands)('work behind %s', (_name, make) => {
  it.each(strange)('that %s ends once and loses nothing', async (_what, work, expected) => {
    const { runner, meter, bulkhead } = make()

    const outcome = await runner.outcome(work, undefined)
    const settled = await Promise.allSettled([runner.execute(work, undefined)])

    expect(outcome.kind).toBe(expected)
    expect(settled[0].status).toBe(expected === 'success' ? 'fulfilled' : 'rejected')
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
    expect(meter.sums).toMatchObject({ started: 2, ended: 2, [expected]: 2 })
  })

  it('H6: that never settles holds its slot, and a second one waits', async () => {
    const { runner, bulkhead } = make()
    const end = deferred()

    const all = [runner.execute(() => end.promise, undefined), runner.execute(() => 'second', undefined)]
    expect(bulkhead.snapshot()).toMatchObject({ running: 1, queued: 1 })
    end.resolve()

    expect(await Promise.all(all)).toEqual([undefined, 'second'])
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })
})

describe('late ends', () => {
  it.each(strange)(
    'T4: of work that %s after its time are heard once and never unhandled',
    async (_what, work) => {
      const clock = new SimClock()
      const bulkhead = new Bulkhead({ limit: 1, clock })
      const unhandled: unknown[] = []
      const onUnhandled = (error: unknown): void => void unhandled.push(error)
      process.on('unhandledRejection', onUnhandled)
      const later = (): Promise<unknown> =>
        new Promise((resolve, reject) => {
          clock.io(20, () => {
            try {
              resolve(work())
            } catch (error) {
              reject(error)
            }
          })
        })

      const outcome = pipeline(bulkhead, new Timeout({ timeoutMs: 10, clock })).outcome(later)
      await clock.advance(15)
      expect(bulkhead.snapshot().running).toBe(1)
      await clock.advance(15)
      await clock.flush()
      process.off('unhandledRejection', onUnhandled)

      expect((await outcome).kind).toBe('timeout')
      expect(bulkhead.snapshot().running).toBe(0)
      expect(unhandled).toEqual([])
    },
  )
})

describe('bad fallbacks', () => {
  it.each(strange)('that do what %s free their place', async (_what, handler, expected) => {
    for (const fallback of [
      new Fallback({ chain: [handler], limit: 1 }),
      new Fallback({ chain: [trap, handler], limit: 1 }),
    ]) {
      const open = new CircuitBreaker()
      open.forceOpen()

      for (const policy of [fallback, pipeline(fallback, open)]) {
        const settled = await Promise.allSettled([policy.execute(trap)])
        expect(settled[0].status).toBe(expected === 'success' ? 'fulfilled' : 'rejected')
        expect(fallback.running).toBe(0)
      }
    }
  })
})
