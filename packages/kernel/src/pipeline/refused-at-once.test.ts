import { describe, expect, it, vi } from 'vitest'
import { SimClock } from '@breakwater/testing'
import { BulkheadFullError, CircuitOpenError, FallbackFailedError } from '../errors.js'
import { failedAnswer } from './answering.js'
import { buildRunner } from './pipeline.js'
import type { Runner } from './runner.js'
import { ADMITTED, GATE_SHUT } from './stage.js'
import type { BreakerPart, FallbackPart, MeterPart, Stage } from './stage.js'

const error = new CircuitOpenError('open')
const describeIt = (): { kind: string } => ({ kind: 'part' })

/** A breaker that is open, and what it was asked. */
function openBreaker(refuses = true) {
  const promise = Promise.reject<never>(error)
  promise.catch(() => undefined)
  const cause = Object.freeze({ kind: 'rejected', error, policy: 'breaker', attempt: 1 } as const)
  const part = {
    gate: GATE_SHUT,
    generation: 1,
    refuse: vi.fn(() => (refuses ? { error, cause, promise } : undefined)),
    enter: vi.fn(() => (refuses ? error : undefined)),
    advance: () => undefined,
    succeeded: () => undefined,
    failed: () => 'failure' as const,
    exit: () => 'success' as const,
    late: () => undefined,
  }
  return part satisfies BreakerPart
}

/** A meter that notes what it hears. */
function listening(): { readonly heard: unknown[][]; readonly part: MeterPart } {
  const heard: unknown[][] = []
  const note =
    (what: string) =>
    (...args: unknown[]): void =>
      void heard.push([what, ...args])
  const part: MeterPart = {
    started: note('started'),
    kindOf: () => 'failure',
    ended: note('ended'),
    succeeded: note('succeeded'),
    answered: note('answered'),
    threw: note('threw'),
  }
  return { heard, part }
}

function runnerOf(
  ...stages: readonly (Pick<Stage, 'slot' | 'part'> & { readonly clock?: SimClock })[]
): Runner {
  return buildRunner(
    stages.map((stage) => ({ ...stage, describe: describeIt }) as Stage),
    'users',
  )
}

const answering = (answer: () => unknown): FallbackPart => ({ applies: () => true, answer })
const REFUSED = [['started'], ['ended', { kind: 'rejected', error }, 'breaker', undefined]]

describe('what a meter hears of a call that an open breaker refuses', () => {
  it.each<[string, FallbackPart | undefined, unknown[][]]>([
    ['without a fallback', undefined, [['answered', 'missing'], ['threw']]],
    ['without one for this', { applies: () => false, answer: () => 1 }, [['threw']]],
    ['answered at once', answering(() => 1), [['answered', 'success']]],
    ['answered later', answering(() => Promise.resolve(1)), [['answered', 'success']]],
    [
      'with a fallback that fails',
      answering(() => Promise.reject(new Error('boom'))),
      [['answered', 'failure'], ['threw']],
    ],
    [
      'with a fallback that throws',
      answering(() => {
        throw new Error('boom')
      }),
      [['answered', 'failure'], ['threw']],
    ],
  ])('%s', async (_, fallback, expected) => {
    const { heard, part } = listening()
    const stages = fallback === undefined ? [] : [{ slot: 'fallback', part: fallback } as const]
    const runner = runnerOf({ slot: 'meter', part }, ...stages, { slot: 'breaker', part: openBreaker() })

    await Promise.allSettled([runner.execute(vi.fn(), undefined)])

    expect(heard).toEqual([...REFUSED, ...expected])
  })
})

describe('a fallback that failed', () => {
  it.each([
    [
      'full',
      'rejected',
      (full: Error) => new FallbackFailedError('no', { cause: error, fallbackError: full }),
    ],
    ['full, with no word of a fallback', 'failure', (full: Error) => full],
    [
      'broken',
      'failure',
      () => new FallbackFailedError('no', { cause: error, fallbackError: new Error('boom') }),
    ],
    ['no error at all', 'failure', () => 'boom'],
  ])('because it was %s counts as a %s', (_, expected, errorOf) => {
    const full = new BulkheadFullError('full', { reason: 'concurrency' } as never)

    expect(failedAnswer(errorOf(full))).toBe(expected)
  })
})

describe('an open breaker', () => {
  it('hears the time, so that it knows when it may try again', async () => {
    const clock = new SimClock({ startMs: 1_000 })
    const breaker = openBreaker()
    const runner = runnerOf({ slot: 'breaker', part: breaker, clock })

    await runner.execute(vi.fn(), undefined).catch(() => undefined)
    clock.stall(500)
    await runner.execute(vi.fn(), undefined).catch(() => undefined)

    expect(breaker.refuse.mock.calls).toEqual([[1_000], [1_500]])
    expect(breaker.enter).not.toHaveBeenCalled()
  })

  it('that does not refuse is asked like any other', async () => {
    const breaker = openBreaker(false)

    expect(await runnerOf({ slot: 'breaker', part: breaker }).execute(() => 'ran', undefined)).toBe('ran')
    expect(breaker.enter).toHaveBeenCalledOnce()
  })

  it.each([
    ['guards', { slot: 'guard', part: { enter: vi.fn(), exit: vi.fn() } }, 'enter'],
    [
      'a retry',
      {
        slot: 'retry',
        part: {
          budget: {},
          called: vi.fn(),
          judgesResults: false,
          wants: () => false,
          delayMs: () => undefined,
          ended: vi.fn(),
        },
      },
      'called',
    ],
    [
      'a rate limit',
      { slot: 'rate', part: { tryTake: vi.fn(() => true), enter: () => ADMITTED, leave: vi.fn() } },
      'tryTake',
    ],
  ] as const)('does not keep a call from %s outside of it', async (_, stage, asked) => {
    const breaker = openBreaker()
    const runner = runnerOf(stage, { slot: 'breaker', part: breaker })

    await expect(runner.execute(vi.fn(), undefined)).rejects.toBe(error)

    expect((stage.part as unknown as Record<string, unknown>)[asked]).toHaveBeenCalledOnce()
    expect(breaker.refuse).not.toHaveBeenCalled()
    expect(breaker.enter).toHaveBeenCalledOnce()
  })
})
