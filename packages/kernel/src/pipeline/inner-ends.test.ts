/**
 * What those hear of the end of a call who stand around the stretch that has ended it, and those inside of one that nobody
 * waits for any more.
 */
import { Bulkhead, CircuitBreaker, constant, Hedge, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Policy } from '../policy.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { listeners, retryPart, staged } from './listeners.model.js'
import type { Filled, Listeners } from './listeners.model.js'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'
import { WAITING } from './stage.js'
import type { LimitPart, RatePart } from './stage.js'

const down = (): never => {
  throw new Error('down')
}
const filled = (...policies: Policy<unknown>[]): Filled[] => policies.flatMap(stagesOf)
/** Begins another stretch, which can have a time limit of its own. */
const stretch = (): Filled => ({ slot: 'meter', part: listeners().meter })

/** What the breaker heard, by kind. */
const kinds = ({ breaker }: Listeners): string[] => breaker.exit.mock.calls.map(([, { kind }]) => kind)

/** A limit in whose queue all wait that come after the first. */
function queueAfterFirst(): LimitPart {
  const { limit } = listeners()
  limit.tryTake.mockReturnValueOnce(true).mockReturnValue(false)
  limit.enter.mockReturnValue(WAITING)
  return { ...limit, sampler: null }
}

/** Makes a call with parts that listen around what is given, and lets 50 ms pass. */
async function heardAround(
  work: () => unknown,
  inside: (clock: SimClock) => readonly Filled[],
): Promise<Listeners> {
  const clock = new SimClock()
  const all = listeners()
  const runner = buildRunner(staged(clock, [...all.stages, stretch(), ...inside(clock)]), undefined)
  const outcome = runner.outcome(work, undefined)
  await clock.advance(50)
  expect((await outcome).kind).toBe('timeout')
  return all
}

describe('whose time is over further inside', () => {
  const time = (clock: SimClock): Filled[] => filled(new Timeout({ timeoutMs: 50, clock }))
  const again = (clock: SimClock): Filled[] =>
    filled(new Retry({ maxRetries: 1, backoff: constant({ ms: 0 }), clock }))

  it.each<[string, () => unknown, (clock: SimClock) => readonly Filled[]]>([
    ['its work runs', never, (clock) => [...time(clock), ...again(clock)]],
    [
      'it waits for another attempt',
      down,
      (clock) => [
        ...time(clock),
        { slot: 'retry', part: { ...retryPart(), wants: () => true, delayMs: () => 50 } },
      ],
    ],
    [
      'its second attempt waits for a slot',
      down,
      (clock) => [...time(clock), ...again(clock), { slot: 'limit', part: queueAfterFirst() }],
    ],
    [
      'the second attempt around it waits for a slot',
      down,
      (clock) => [...again(clock), stretch(), ...time(clock), { slot: 'limit', part: queueAfterFirst() }],
    ],
  ])('while %s: that is a timeout for those around', async (_name, work, inside) => {
    expect(kinds(await heardAround(work, inside)).at(-1)).toBe('timeout')
  })

  it('before its turn: that says nothing of the dependency to those around', async () => {
    const all = await heardAround(never, (clock) => {
      const enter: RatePart['enter'] = (seeker) => {
        clock.schedule(50, () => seeker.granted())
        return WAITING
      }
      const part: RatePart = { tryTake: () => false, enter, leave: () => undefined }
      return [...time(clock), { slot: 'rate', part }]
    })

    expect(kinds(all)).toEqual(['cancelled'])
  })

  it('before it had a slot, however far inside: so it says nothing either', async () => {
    const all = await heardAround(never, (clock) => {
      const full = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
      void full.execute(never)
      const breakers = [new CircuitBreaker({ clock }), new CircuitBreaker({ clock })]
      return [...filled(...breakers), ...time(clock), ...filled(full)]
    })

    expect(kinds(all)).toEqual(['cancelled'])
  })
})

describe('a hedge', () => {
  it('all of whose attempts are refused is a refusal for those around', async () => {
    const clock = new SimClock()
    const all = listeners()
    const full = new Bulkhead({ limit: 1, clock })
    void full.execute(never)
    const inside = filled(new Hedge({ delayMs: 10, maxHedges: 1, clock }), full)
    const runner = buildRunner(staged(clock, [...all.stages, ...inside]), undefined)

    const outcome = runner.outcome(never, undefined)
    await clock.advance(20)

    expect((await outcome).kind).toBe('rejected')
    expect(kinds(all)).toEqual(['rejected'])
  })

  it('ends as cancelled with the first attempt whose work says so', async () => {
    const clock = new SimClock()
    const { meter } = listeners()
    meter.kindOf.mockReturnValue('cancelled')
    const hedgeIf = vi.fn(() => true)
    const hedge = new Hedge({ delayMs: 10, maxExtraPercent: 1_000, hedgeIf, clock })
    const inside: Filled[] = [...filled(hedge), { slot: 'meter', part: meter }]

    const outcome = await buildRunner(staged(clock, inside), undefined).outcome(down, undefined)

    expect(outcome.kind).toBe('cancelled')
    expect(hedgeIf).not.toHaveBeenCalled()
    expect(meter.started).toHaveBeenCalledOnce()
  })
})

describe('those inside of a call', () => {
  /** A call under a time limit of 50 ms, with parts that listen inside of it. */
  function stand(...more: readonly Filled[]) {
    const clock = new SimClock()
    const all = listeners()
    const [meter, ...rest] = all.stages as [Filled, ...Filled[]]
    const outer = filled(new Timeout({ timeoutMs: 50, clock }))
    const runner = buildRunner(staged(clock, [...outer, meter, ...more, ...rest]), undefined)
    return { ...all, clock, runner }
  }
  const retry = () => ({ ...retryPart(), wants: () => true, delayMs: () => 1_000, ended: vi.fn() })

  it('hear that its time is over, while their work runs', async () => {
    const all = stand()
    const outcome = all.runner.outcome(never, undefined)
    await all.clock.advance(50)

    const timeout = await outcome
    expect(all.breaker.exit.mock.calls.map(([, ...rest]) => rest)).toEqual([[timeout, 50, 50]])
    expect(all.meter.ended.mock.calls).toEqual([[timeout, undefined, undefined]])
  })

  it('hear that the time of the whole is over', async () => {
    const clock = new SimClock()
    const all = listeners()
    const around = filled(
      new Timeout({ timeoutMs: 50, clock }),
      new Retry({ clock }),
      new Bulkhead({ clock }),
    )
    const runner = buildRunner(staged(clock, [...around, ...all.stages]), undefined)
    const outcome = runner.outcome(never, undefined)
    await clock.advance(50)

    const timeout = await outcome
    expect(all.breaker.exit.mock.calls.map(([, ...rest]) => rest)).toEqual([[timeout, 50, 50]])
  })

  it('wait for no other attempt when its time is over: the retries have failed', async () => {
    const part = retry()
    const all = stand({ slot: 'retry', part })
    const outcome = all.runner.outcome(down, undefined)
    await all.clock.advance(50)

    expect((await outcome).kind).toBe('timeout')
    expect(part.ended.mock.calls).toEqual([[false, false]])
    expect(all.clock.pending.timers).toBe(0)
  })

  it('have not failed at their retries when the caller aborts', async () => {
    const part = retry()
    const all = stand({ slot: 'retry', part })
    const controller = new AbortController()
    const outcome = all.runner.outcome(down, { signal: controller.signal })
    await all.clock.advance(10)

    controller.abort('mine')

    expect((await outcome).kind).toBe('cancelled')
    expect(part.ended).not.toHaveBeenCalled()
  })

  it('have ended their retries once when their fallback takes too long', async () => {
    const part = { ...retry(), delayMs: vi.fn().mockReturnValueOnce(10).mockReturnValue(undefined) }
    const all = stand(...filled(new Fallback({ chain: [never] })), { slot: 'retry', part })
    const outcome = all.runner.outcome(down, undefined)
    await all.clock.advance(50)

    expect((await outcome).kind).toBe('timeout')
    expect(part.ended.mock.calls).toEqual([[false, true]])
  })
})

describe('the slot of a call around others', () => {
  it('is free at once when its time is over before any work began', async () => {
    const clock = new SimClock()
    const outer = new Bulkhead({ limit: 1, clock })
    const inner = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    void inner.execute(never)
    const error = errorOf(pipeline(outer, new Timeout({ timeoutMs: 50, clock }), inner).execute(never))
    expect(outer.snapshot().running).toBe(1)
    await clock.advance(50)

    expect(await error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(outer.snapshot().running).toBe(0)
  })

  it('is free when the work of the last attempt has ended, of all that nobody waits for', async () => {
    const clock = new SimClock()
    const outer = new Bulkhead({ limit: 1, clock })
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 0 }), clock })
    const works = [deferred(), deferred()]
    const stack = pipeline(outer, retry, new Timeout({ timeoutMs: 20, clock }))
    const error = errorOf(stack.execute(({ attempt }) => works[attempt - 1]?.promise))
    await clock.advance(40)
    await error

    works[0]?.resolve()
    await clock.flush()
    expect(outer.snapshot().running).toBe(1)
    works[1]?.resolve()
    await clock.flush()
    expect(outer.snapshot().running).toBe(0)
  })

  it('is held by the attempt that lost, though an earlier one of the winner has ended late', async () => {
    const clock = new SimClock()
    const outer = new Bulkhead({ limit: 1, clock })
    const hedge = new Hedge({ delayMs: 10, maxHedges: 1, clock })
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 0 }), clock })
    const [late, loser, winner] = [deferred(), deferred(), deferred()]
    const works = [late, loser, winner]
    const stack = pipeline(outer, hedge, retry, new Timeout({ timeoutMs: 20, clock }))
    const answer = stack.execute(() => works.shift()?.promise)
    clock.io(25, () => late.resolve())
    clock.io(28, () => winner.resolve())
    await clock.advance(29)
    await answer

    expect(outer.snapshot().running).toBe(1)
    loser.resolve()
    await clock.flush()
    expect(outer.snapshot().running).toBe(0)
  })

  it('is held by work that runs on, of an attempt that timed out before another one failed and its caller aborted', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const outer = new Bulkhead({ limit: 1, clock })
    const hedgeIf = vi
      .fn()
      .mockReturnValueOnce(false)
      .mockImplementation(() => controller.abort('mine'))
    const hedge = new Hedge({ delayMs: 15, maxHedges: 2, maxExtraPercent: 1_000, hedgeIf, clock })
    const [late, failing] = [deferred(), deferred()]
    const works = [late, failing]
    const stack = pipeline(outer, hedge, new Timeout({ timeoutMs: 20, clock }))
    const outcome = stack.outcome(() => works.shift()?.promise, { signal: controller.signal })
    clock.io(25, () => failing.reject(new Error('down')))
    await clock.advance(25)
    expect(await outcome).toEqual({ kind: 'cancelled', error: 'mine' })

    expect(outer.snapshot().running).toBe(1)
    late.resolve()
    await clock.flush()
    expect(outer.snapshot().running).toBe(0)
  })
})
