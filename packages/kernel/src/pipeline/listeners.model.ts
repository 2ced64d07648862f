/**
 * A meter, a breaker and a limit that admit every call, and note what they hear of its end.
 */
import { vi } from 'vitest'
import type { Mock } from 'vitest'
import { RateLimitedError } from '../errors.js'
import { ADMITTED, GATE_FREE } from './stage.js'
import type { BreakerPart, LimitPart, LimitSampler, MeterPart, RetryPart, Stage } from './stage.js'

/** What fills a slot, without the rest of a stage. */
export type Filled = Pick<Stage, 'slot' | 'part'>

/** A part whose functions are spies, and whose facts a test can change. */
type Spied<T> = {
  -readonly [K in keyof T]: T[K] extends (...args: never[]) => unknown ? Mock<T[K]> : T[K]
}

export interface Listeners {
  readonly meter: Spied<MeterPart>
  readonly breaker: Spied<BreakerPart>
  readonly limit: Spied<LimitPart>
  /** Of the limit. */
  readonly sampler: Spied<LimitSampler>
  readonly stages: readonly Filled[]
}

export function listeners(): Listeners {
  const meter: Listeners['meter'] = {
    started: vi.fn(),
    kindOf: vi.fn(() => 'failure'),
    ended: vi.fn(),
    succeeded: vi.fn(),
    answered: vi.fn(),
    threw: vi.fn(),
  }
  const breaker: Listeners['breaker'] = {
    gate: GATE_FREE,
    generation: 1,
    refuse: vi.fn(() => undefined),
    enter: vi.fn(() => undefined),
    advance: vi.fn(),
    succeeded: vi.fn(),
    failed: vi.fn(() => 'failure'),
    exit: vi.fn((_admission, { kind }) => kind),
    late: vi.fn(),
  }
  const sampler: Listeners['sampler'] = { succeeded: vi.fn(), ended: vi.fn() }
  const limit: Listeners['limit'] = {
    tryTake: vi.fn(() => true),
    enter: vi.fn(() => ADMITTED),
    maxWaitMs: Infinity,
    waitedTooLong: vi.fn(() => new RateLimitedError('late')),
    leave: vi.fn(),
    release: vi.fn(),
    tellsHoldersApart: false,
    sampler,
    releaseOnTimeout: false,
  }
  const stages: Filled[] = [
    { slot: 'meter', part: meter },
    { slot: 'breaker', part: breaker },
    { slot: 'limit', part: limit },
  ]
  return { meter, breaker, limit, sampler, stages }
}

/** Stages on one clock, as whoever composes policies has them. */
export function staged(clock: Stage['clock'], filled: readonly Filled[]): Stage[] {
  return filled.map((stage) => ({ ...stage, clock, describe: () => ({ kind: 'part' }) }) as Stage)
}

/** A retry that wants nothing. */
export function retryPart(): RetryPart {
  return {
    called: () => undefined,
    judgesResults: false,
    wants: () => false,
    delayMs: () => undefined,
    ended: () => undefined,
  }
}
