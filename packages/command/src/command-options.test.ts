import { Bulkhead, CircuitBreaker, Retry } from '@breakwater/breaker'
import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { faultsIn, instrumentsOf, never, world } from './command.model.js'
import { createCommand } from './command.js'

/** Makes a command from a valid base and something that is not; the types would forbid it. */
function makeWith(wrong: object): () => unknown {
  return () => createCommand({ name: 'wrong', run: never, ...world(), ...wrong })
}

class Options {
  readonly limit = 5
}

const trap = (): never => {
  throw new Error('trap')
}

/** K6: each of these is one fault, at that path. */
const faults: [path: string, wrong: object][] = [
  ['name', { name: undefined }],
  ['name', { name: '' }],
  ['name', { name: 'x'.repeat(257) }],
  ['name', { name: 5 }],
  ['group', { group: 'x'.repeat(257) }],
  ['group', { group: null }],
  ['run', { run: undefined }],
  ['run', { run: 'fetch' }],
  ['fallback', { fallback: 'none' }],
  ['ignore', { ignore: [TypeError] }],
  ['preset', { preset: 'hystrix2' }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['timeoutMs', { timeoutMs: NaN }],
  ['timeoutMs', { timeoutMs: 2 ** 31 }],
  ['timeoutMs', { timeoutMs: true }],
  ['timeoutMs', { timeoutMs: '5s', attemptTimeoutMs: 20_000 }],
  ['attemptTimeoutMs', { attemptTimeoutMs: -1 }],
  ['attemptTimeoutMs', { attemptTimeoutMs: Infinity }],
  ['attemptTimeoutMs', { attemptTimeoutMs: 10_001 }],
  ['attemptTimeoutMs', { timeoutMs: 50, attemptTimeoutMs: 51 }],
  ['fallbackLimit', { fallbackLimit: -1 }],
  ['fallbackLimit', { fallbackLimit: 1.5 }],
  ['idempotent', { idempotent: 'no' }],
  ['runtime', { runtime: {} }],
  ['clock', { clock: { now: () => 0 } }],
  ['random', { random: Math.random }],
  ['breaker', { breaker: null }],
  ['breaker', { breaker: true }],
  ['breaker', { breaker: [] }],
  ['breaker', { breaker: new Retry() }],
  ['breaker', { breaker: new Date() }],
  ['bulkhead', { bulkhead: 5 }],
  ['bulkhead', { bulkhead: new Options() }],
  ['bulkhead', { bulkhead: new Proxy({}, { getPrototypeOf: trap }) }],
  ['retry', { retry: 3 }],
  ['retry', { retry: new Map() }],
  ['retry', { retry: new Proxy({}, { ownKeys: trap }) }],
  ['breaker.openMs', { breaker: { openMs: -1 } }],
  ['breaker.trip', { breaker: { trip: 'errors' } }],
  ['breaker.probes', { breaker: { probes: null } }],
  ['breaker.probes', { breaker: { probes: new Date() } }],
  ['breaker.probes.limit', { breaker: { probes: { limit: 0 } } }],
  ['breaker.ramp', { breaker: { ramp: true } }],
  ['breaker.ramp.durationMs', { breaker: { ramp: { durationMs: 0 } } }],
  ['breaker.runtime', { breaker: { runtime: 5 } }],
  ['bulkhead.runtime', { bulkhead: { runtime: { register: never } } }],
  ['breaker.clock', { breaker: { clock: 5 } }],
  ['breaker.name', { breaker: { name: 5 } }],
  ['breaker.sleepWindow', { breaker: { sleepWindow: 5 } }],
  ['bulkhead.limit', { bulkhead: { limit: 0 } }],
  ['bulkhead.queue.order', { bulkhead: { queue: { order: 'random' } } }],
  ['retry.maxRetries', { retry: { maxRetries: -1 } }],
  ['retry.maxRetries', { retry: { maxRetries: -1 }, idempotent: false }],
  ['retry.backoff', { retry: { backoff: 100 } }],
  ['retry.budget', { retry: { budget: null } }],
  ['rate', { rate: NaN }],
  ['rate', { rate: null }],
  ['rate.rate', { rate: {} }],
  ['rate.queue.limit', { rate: { rate: 5, queue: { limit: -1 } } }],
  ['hedge', { hedge: 5 }],
  ['hedge', { hedge: true }],
  ['hedge.maxHedges', { hedge: { maxHedges: -1 } }],
  ['hedge.percentile', { hedge: { percentile: 100 }, preset: 'hedged' }],
  ['pool', { pool: '' }],
  ['pool', { pool: 'db', bulkhead: false }],
  ['cacheKey', { cacheKey: 'id' }],
  ['retryCounts', { retryCounts: { attempts: 1 }, retry: false }],
  ['breaker', { breaker: new CircuitBreaker() }],
  ['bulkhead', { bulkhead: new Bulkhead() }],
  ['retry', { retry: new Retry({ clock: new SimClock() }) }],
  ['breaker', { breaker: { clock: new SimClock() } }],
  ['timeoutMS', { timeoutMS: 500 }],
  ['__proto__', JSON.parse('{ "__proto__": { "timeoutMs": 1 } }') as object],
  ['timeoutMs', Object.defineProperty({}, 'timeoutMs', { get: trap, enumerable: true })],
  ['breaker.openMs', { breaker: Object.defineProperty({}, 'openMs', { get: trap, enumerable: true }) }],
]

describe('options of a command that cannot be meant', () => {
  it.each(faults)('K6: one fault at %s', (path, wrong) => {
    const getters = Object.getOwnPropertyDescriptors(wrong)
    const options = Object.defineProperties({ name: 'wrong', run: never, ...world() }, getters)

    expect(faultsIn(() => createCommand(options))).toEqual([path])
  })

  it.each([null, 5, 'name', [], () => never()])('K6: one fault when they are no object: %s', (options) => {
    expect(faultsIn(() => createCommand(options as never))).toContain('')
  })

  it('come in one error, those of the policies inside among them', () => {
    const make = makeWith({
      name: 1,
      timeoutMs: -5,
      fallbackLimit: NaN,
      breaker: { openMs: 'long', probes: { limit: 0 } },
      bulkhead: { limit: 0 },
      retry: { maxRetries: 'two' },
      typo: 1,
    })

    expect(faultsIn(make).sort()).toEqual([
      'breaker.openMs',
      'breaker.probes.limit',
      'bulkhead.limit',
      'fallbackLimit',
      'name',
      'retry.maxRetries',
      'timeoutMs',
      'typo',
    ])
  })

  it('are named with the value, what was expected, and what was probably meant', () => {
    const make = makeWith({ timeoutms: 5, breaker: { opnMs: 5, probes: { limit: 0 } } })

    expect(make).toThrow(InvalidOptionsError)
    expect(make).toThrow(/^Invalid options for createCommand:/)
    expect(make).toThrow(/timeoutms: expected a known option, received 5 \(did you mean timeoutMs\?\)/)
    expect(make).toThrow(/breaker\.opnMs: expected a known option, received 5 \(did you mean openMs\?\)/)
    expect(make).toThrow(/breaker\.probes\.limit: expected a whole number from 1 to 1000, received 0/)
  })

  it('register nothing, not even for a moment', () => {
    const runtime = createRuntime()
    const registered: unknown[] = []
    runtime.on('registered', (instrument) => registered.push(instrument))

    for (const [, wrong] of faults) {
      if ('runtime' in wrong) continue
      const getters = Object.getOwnPropertyDescriptors(wrong)
      const options = Object.defineProperties({ name: 'wrong', run: never, ...world(), runtime }, getters)
      expect(() => createCommand(options)).toThrow(InvalidOptionsError)
    }
    const inside = { runtime, limit: 0 }
    expect(makeWith({ bulkhead: inside, breaker: { runtime } })).toThrow(InvalidOptionsError)

    expect(registered).toEqual([])
    expect(instrumentsOf(runtime)).toEqual([])
  })
})

describe('options of a command that can be meant', () => {
  it.each<[string, object]>([
    ['the shortest and longest names', { name: 'n', group: '' }],
    ['the longest time', { timeoutMs: 2 ** 31 - 1, attemptTimeoutMs: 2 ** 31 - 1 }],
    ['the shortest time', { timeoutMs: 1 }],
    ['an attempt longer than no limit', { timeoutMs: false, attemptTimeoutMs: 60_000 }],
    ['no fallback at once', { fallbackLimit: 0 }],
    ['no further attempt', { retry: { maxRetries: 0 } }],
    ['options without a prototype', { breaker: Object.assign(Object.create(null) as object, { openMs: 5 }) }],
    ['frozen options', Object.freeze({ breaker: Object.freeze({ probes: Object.freeze({ limit: 1 }) }) })],
    ['a retry without a clock', { retry: new Retry() }],
  ])('K6: no fault for %s', (_what, options) => {
    expect(makeWith(options)).not.toThrow()
  })

  it('K5: are not changed, and each is read once', () => {
    let reads = 0
    const breaker = {
      get openMs(): number {
        reads++
        return 5
      },
    }
    const options = { name: 'read', run: never, ...world(), breaker, bulkhead: { queue: { limit: 1 } } }
    const before = JSON.stringify({ bulkhead: options.bulkhead, keys: Object.keys(options) })

    createCommand(options).update({ timeoutMs: 5_000, bulkhead: { limit: 2 } })

    expect(reads).toBe(1)
    expect(JSON.stringify({ bulkhead: options.bulkhead, keys: Object.keys(options) })).toBe(before)
  })

  it('leave nothing in the prototype of objects', () => {
    const hostile = JSON.parse('{ "breaker": { "__proto__": { "polluted": 1 } } }') as object

    expect(faultsIn(makeWith(hostile))).toEqual(['breaker.__proto__'])
    expect('polluted' in {}).toBe(false)
  })
})
