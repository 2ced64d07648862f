/**
 * The breaker scenarios recorded from Hystrix, played on our own semantics with one trial at a time. Titles say where
 * Hystrix does otherwise. Ours opens with the call that trips it, not at the next health snapshot up to 100 ms later.
 */
import { pipeline } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { times } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { errorRate } from './trip-rules.js'

const BOOM = new Error('boom')
const BAD_REQUEST = new Error('bad request')

interface CallOptions {
  readonly afterMs?: number
  readonly error?: Error
  readonly signal?: AbortSignal
}

/** A breaker whose dependency does as each call says, and what became of the calls. */
class Scene {
  readonly ended: Partial<Record<string, OutcomeKind>> = {}
  readonly breaker: CircuitBreaker
  private readonly clock = new SimClock()
  private readonly timeout: Timeout

  constructor({ percent = 50, volume = 4, timeoutMs = 1_000 } = {}) {
    const { clock } = this
    this.breaker = new CircuitBreaker({
      trip: errorRate({ percent, volume, windowMs: 3_000 }),
      openMs: 500,
      probes: { limit: 1 },
      classify: (outcome) =>
        outcome.kind === 'success' ? 'success' : outcome.error === BAD_REQUEST ? 'ignored' : 'failure',
      clock,
    })
    this.timeout = new Timeout({ timeoutMs, clock })
  }

  /** Makes a call at a time, in milliseconds from the beginning; one that ends at once has ended after this. */
  async call(at: number, id: string, { afterMs = 0, error, signal }: CallOptions = {}): Promise<void> {
    const { clock, ended } = this
    await this.until(at)
    const work = (): Promise<string> =>
      new Promise((resolve, reject) => {
        clock.io(clock.now() + afterMs, () => (error === undefined ? resolve('ok') : reject(error)))
      })
    const outcome = pipeline(this.breaker, this.timeout).outcome(work, signal === undefined ? {} : { signal })
    void outcome.then(({ kind }) => (ended[id] = kind))
    await clock.flush()
  }

  /** So many calls at once that fail at once. */
  async fail(at: number, count = 4): Promise<void> {
    await this.until(at)
    await Promise.all(times(count, 0).map((_, index) => this.call(at, `f${String(index)}`, { error: BOOM })))
  }

  /** S13 and many others begin so: it is open from 0 on, and sends a call away at 260. */
  async open(): Promise<void> {
    await this.fail(0)
    await this.call(260, 'early')
    expect(this.ended['early']).toBe('rejected')
  }

  async until(at: number): Promise<void> {
    await this.clock.advance(at - this.clock.now())
  }
}

describe('the scenarios of Hystrix', () => {
  it('S13: opens at the fourth failure, and does not count those it sends away (Hystrix: at the next snapshot)', async () => {
    const scene = new Scene()
    await scene.fail(0)
    await scene.call(50, 'now')

    expect(scene.ended['now']).toBe('rejected')
    expect(scene.breaker.snapshot()).toMatchObject({ state: 'open', total: 4, failures: 4 })
  })

  it('S14: stays closed below its volume', async () => {
    const scene = new Scene()
    await scene.fail(0, 3)
    await scene.call(260, 'n1')

    expect(scene.ended['n1']).toBe('success')
    expect(scene.breaker.snapshot()).toMatchObject({ state: 'open', total: 4 })
  })

  it('S15: opens at exactly its volume and percentage', async () => {
    const scene = new Scene()
    await scene.fail(0, 2)
    await scene.call(10, 's1')
    await scene.call(10, 's2')
    await scene.call(260, 'n1')

    expect(scene.ended['n1']).toBe('rejected')
  })

  it('S16: does not round two thirds up to 67 %', async () => {
    const scene = new Scene({ volume: 3, percent: 67 })
    await scene.fail(0, 2)
    await scene.call(10, 's1')
    await scene.call(260, 'n1')

    expect(scene.ended['n1']).toBe('success')
  })

  it('S17: closes with the first good trial, which is all that the new window knows', async () => {
    const scene = new Scene()
    await scene.open()
    await scene.call(900, 'trial', { afterMs: 50 })
    await scene.until(1_000)
    expect(scene.breaker.state).toBe('closed')
    await scene.call(1_010, 'n1')

    expect(scene.ended['n1']).toBe('success')
    expect(scene.breaker.snapshot()).toMatchObject({ total: 2, failures: 0 })
  })

  it('S18: opens for a new time after a failed trial', async () => {
    const scene = new Scene()
    await scene.open()
    await scene.call(900, 'trial', { error: BOOM })
    await scene.call(1_100, 'n1')
    await scene.call(1_550, 'second trial')
    await scene.call(1_650, 'n2')

    expect(scene.ended).toMatchObject({ n1: 'rejected', 'second trial': 'success', n2: 'success' })
  })

  it('S19: a call refused while the trial runs does not keep it from closing (tri-state: it does)', async () => {
    const scene = new Scene()
    await scene.open()
    await scene.call(900, 'trial', { afterMs: 300 })
    await scene.call(1_000, 'n1')
    await scene.until(1_300)
    expect(scene.breaker.state).toBe('closed')
    await scene.call(1_310, 'n2')

    expect(scene.ended).toMatchObject({ n1: 'rejected', n2: 'success' })
  })

  it('S20: no second trial while the first one runs (classic: after another sleep window)', async () => {
    const scene = new Scene()
    await scene.open()
    await scene.call(900, 'trial', { afterMs: 900 })
    await scene.call(1_600, 'n1')
    await scene.until(1_900)

    expect(scene.ended).toMatchObject({ n1: 'rejected', trial: 'success' })
    expect(scene.breaker.state).toBe('closed')
  })

  it('S21: an ignored trial is followed by the next one at once (Hystrix: after another sleep window)', async () => {
    const scene = new Scene()
    await scene.open()
    await scene.call(900, 'bad', { error: BAD_REQUEST })
    expect(scene.breaker.state).toBe('half-open')
    await scene.call(1_000, 'next')
    await scene.call(1_600, 'n1')

    expect(scene.ended).toMatchObject({ bad: 'ignored', next: 'success', n1: 'success' })
    expect(scene.breaker.state).toBe('closed')
  })

  it('S22: a cancelled trial is followed by the next one at once (Hystrix: after another sleep window)', async () => {
    const scene = new Scene()
    const caller = new AbortController()
    await scene.open()
    await scene.call(900, 'trial', { afterMs: 300, signal: caller.signal })
    await scene.until(1_000)
    caller.abort()
    await scene.call(1_100, 'n1')

    expect(scene.ended).toMatchObject({ trial: 'cancelled', n1: 'success' })
    expect(scene.breaker.state).toBe('closed')
  })

  it('S23: a late success of a call from before does not close it (classic: it does)', async () => {
    const scene = new Scene()
    await scene.call(0, 'late', { afterMs: 450 })
    await scene.fail(10)
    await scene.until(450)
    expect(scene.ended['late']).toBe('success')
    await scene.call(490, 'n1')

    expect(scene.ended['n1']).toBe('rejected')
    expect(scene.breaker.state).toBe('open')
  })

  it('S24: what was forced ends with what the window says', async () => {
    const scene = new Scene()
    await scene.call(0, 'n0')
    await scene.until(50)
    scene.breaker.forceOpen()
    await scene.call(60, 'n1')
    await scene.until(80)
    scene.breaker.release()
    scene.breaker.forceClosed()
    await scene.fail(100, 6)
    await scene.call(400, 'n2', { error: BOOM })
    scene.breaker.release()
    await scene.call(440, 'n3')

    expect(scene.ended).toMatchObject({
      n0: 'success',
      n1: 'rejected',
      f5: 'failure',
      n2: 'failure',
      n3: 'rejected',
    })
  })

  it('S25: a breaker that only watches lets everything through and counts it', async () => {
    const scene = new Scene()
    scene.breaker.observeOnly()
    await scene.fail(0, 6)
    await scene.call(300, 'n1')

    expect(scene.ended['n1']).toBe('success')
    expect(scene.breaker.snapshot()).toMatchObject({ state: 'metrics-only', total: 7, failures: 6 })
  })

  it('S45: a late success does not close it while the trial runs (Hystrix: it does)', async () => {
    const scene = new Scene({ timeoutMs: 1_500 })
    await scene.call(0, 'slow', { afterMs: 1_000 })
    await scene.fail(10)
    await scene.call(900, 'trial', { afterMs: 600, error: BOOM })
    await scene.call(1_160, 'n1')
    expect(scene.ended).toMatchObject({ slow: 'success', n1: 'rejected' })

    await scene.until(1_600)
    expect(scene.breaker.state).toBe('open')
  })

  it('S46: a late failure does not open it again while the trial runs (tri-state: it does)', async () => {
    const scene = new Scene({ timeoutMs: 1_500 })
    await scene.call(0, 'slow', { afterMs: 1_000, error: BOOM })
    await scene.fail(10)
    await scene.call(900, 'trial', { afterMs: 300 })
    await scene.call(1_310, 'n1')

    expect(scene.ended).toMatchObject({ slow: 'failure', trial: 'success', n1: 'success' })
    expect(scene.breaker.state).toBe('closed')
  })
})
