/**
 * Plays scenarios as they were played to Hystrix: steps at their times, in milliseconds, on a breaker with `compat`. For
 * tests only.
 */
import { pipeline } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { Timeout } from '../timeout/timeout.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { HystrixHealth } from './core/health.js'
import type { Compat } from './core/line.js'
import { errorRate } from './trip-rules.js'

const BOOM: Error = new Error('boom')
export const BAD_REQUEST: Error = new Error('bad request')

/** Hystrix made the first command of a key a few milliseconds after 0, and with it the phase of its health buckets. */
const FIRST_MS = 5

/** One step: a call, or something else that is done at that time. */
export interface Step {
  readonly at: number
  /** A call, and its name. */
  readonly call?: string
  readonly repeat?: number
  readonly afterMs?: number
  /** With what it fails. */
  readonly error?: Error
  /** The caller gives up at this time. */
  readonly cancelAt?: number
  readonly act?: (breaker: CircuitBreaker) => void
  readonly probe?: true
}

export interface SceneOptions {
  readonly compat: Compat
  readonly percent?: number
  readonly volume?: number
  readonly windowMs?: number
  readonly timeoutMs?: number
}

/** What a probe shows: whether it is open, then total, errors and percent. */
export type Probe = readonly [isOpen: boolean, total: number, errors: number, percent: number]

/** Fails four times at once, and is refused once it is open. */
export const OPEN: readonly Step[] = [
  { at: 0, call: 'f', repeat: 4, error: BOOM },
  { at: 260, call: 'early' },
]

export const FAILS: { readonly error: Error } = { error: BOOM }

export class HystrixScene {
  readonly clock: SimClock = new SimClock()
  readonly ended: Partial<Record<string, OutcomeKind>> = {}
  readonly probes: Partial<Record<number, Probe>> = {}
  readonly breaker: CircuitBreaker
  private readonly timeout: Timeout

  constructor({ compat, percent = 50, volume = 4, windowMs = 3_000, timeoutMs = 1_000 }: SceneOptions) {
    const { clock } = this
    clock.stall(FIRST_MS)
    this.breaker = new CircuitBreaker({
      compat,
      trip: errorRate({ percent, volume, windowMs, buckets: windowMs / 100 }),
      openMs: 500,
      classify: (outcome) =>
        outcome.kind === 'success' ? 'success' : outcome.error === BAD_REQUEST ? 'ignored' : 'failure',
      clock,
    })
    this.timeout = new Timeout({ timeoutMs, clock })
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      await this.until(step.at)
      step.act?.(this.breaker)
      if (step.probe === true) this.probes[step.at] = probeOf(this.breaker.snapshot().health)
      for (let index = 0; index < (step.repeat ?? 1); index++) this.call(step)
      await this.clock.flush()
    }
    await this.clock.advance(2_000)
  }

  /** The names of the calls that were refused. */
  get refused(): string[] {
    return Object.keys(this.ended).filter((name) => this.ended[name] === 'rejected')
  }

  private call({ call, afterMs = 0, error, cancelAt }: Step): void {
    if (call === undefined) return
    const { clock, ended } = this
    const caller = new AbortController()
    const work = (): Promise<string> =>
      new Promise((resolve, reject) => {
        clock.io(clock.now() + afterMs, () => (error === undefined ? resolve('ok') : reject(error)))
      })
    if (cancelAt !== undefined) clock.io(cancelAt, () => caller.abort())
    const options = cancelAt === undefined ? {} : { signal: caller.signal }
    const outcome = pipeline(this.breaker, this.timeout).outcome(work, options)
    void outcome.then(({ kind }) => (ended[call] = kind))
  }

  private async until(at: number): Promise<void> {
    const ms = at - this.clock.now()
    if (ms > 0) await this.clock.advance(ms)
  }
}

function probeOf(health: HystrixHealth | undefined): Probe | undefined {
  if (health === undefined) return undefined
  const { isOpen, total, errors, percent } = health
  return [isOpen, total, errors, percent]
}
