/** A real half-open breaker under a few steps; it watches itself and keeps what it sees go wrong. For tests only. */
import { pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { linear } from '../backoff/backoff.js'
import { Timeout } from '../timeout/timeout.js'
import { DOWN, end } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { LEASE_MS, msOf, OPEN_MS, rulesFor, told, whoOf } from './half-open-contract.model.js'
import type { Command, Scene, Step, Who } from './half-open-contract.model.js'
import { Permit } from './permit.js'
import { errorRate } from './trip-rules.js'

const BY_ITSELF = ['closed > open', 'open > half-open', 'half-open > closed', 'half-open > open']

interface Trial {
  readonly at: number
  readonly period: number
  isOver: boolean
}

export abstract class HalfOpenBreaker {
  readonly clock: SimClock = new SimClock()
  /** Each begins with the invariant that does not hold. */
  readonly faults: string[] = []
  protected readonly breaker: CircuitBreaker
  protected readonly calls: Map<Who, 'ran' | 'refused'> = new Map()
  private readonly edges: string[] = []
  private readonly trials = new Map<Who, Trial>()
  private late = 0
  private isCommanded = false

  constructor(protected readonly scene: Scene) {
    const { percent, volume, windowMs, buckets, baseOpenMs, leaseMs, closeAfter } = rulesFor(scene.limit)
    this.breaker = new CircuitBreaker({
      clock: this.clock,
      trip: errorRate({ percent, volume, windowMs, buckets }),
      openMs: linear({ baseMs: baseOpenMs, maxMs: 3 * baseOpenMs }),
      probes: { limit: scene.limit, leaseMs, closeAfter },
    })
    end(this.breaker, 'failure')
    this.clock.stall(OPEN_MS)
    this.breaker.on('transition', ({ from, to }) => {
      const edge = `${from} > ${to}`
      this.edges.push(edge)
      if (!this.isCommanded && !BY_ITSELF.includes(edge)) this.faults.push(`B1: ${edge}`)
    })
    this.breaker.on('late', () => this.late++)
  }

  apply(step: Step): void {
    const who = whoOf(step)
    if (step.endsWith('comes')) this.come(who)
    else if (step.endsWith('ends')) this.over(who)
    else if (step.endsWith('ends again')) this.overAgain(who)
    else if (step.startsWith('pass')) this.clock.stall(msOf(step))
    else this.command(step as Command)
    this.countTrials()
  }

  result(): string {
    const { successes, failures } = this.breaker.snapshot()
    const seen = { calls: this.calls, edges: [...this.edges], late: this.late, successes, failures }
    let free = 0
    while (free <= this.scene.limit && this.breaker.tryAcquire() instanceof Permit) free++
    return told({ ...seen, free })
  }

  /** Whatever was done to it: released, it admits somebody within an open time and a lease. */
  checkLife(): void {
    this.command('release')
    this.clock.stall(3 * OPEN_MS + LEASE_MS)
    if (!(this.breaker.tryAcquire() instanceof Permit)) this.faults.push('B6: admits nobody')
  }

  protected abstract come(who: Who): void
  protected abstract end(who: Who): void
  protected abstract endAgain(who: Who): void

  protected ran(who: Who): void {
    if (this.calls.get(who) === 'ran') this.faults.push(`B4: ${who} ran twice`)
    this.calls.set(who, 'ran')
    this.trials.set(who, { at: this.clock.now(), period: this.edges.length, isOver: false })
  }

  private over(who: Who): void {
    const trial = this.trials.get(who)
    if (trial !== undefined) trial.isOver = true
    this.end(who)
  }

  private overAgain(who: Who): void {
    const before = this.facts()
    this.endAgain(who)
    if (this.facts() !== before) this.faults.push(`B4: ${who} counts twice`)
  }

  private facts(): string {
    const { latency: _, ...rest } = this.breaker.snapshot()
    return JSON.stringify([rest, this.late, this.edges])
  }

  private command(command: Command): void {
    const { breaker } = this
    this.isCommanded = true
    if (command === 'force open') breaker.forceOpen()
    else if (command === 'force closed') breaker.forceClosed()
    else if (command === 'release') breaker.release()
    else if (command === 'reset') breaker.reset()
    else breaker.openFor(OPEN_MS)
    this.isCommanded = false
  }

  private countTrials(): void {
    if (this.breaker.state !== 'half-open') return
    const now = this.clock.now()
    const running = [...this.trials.values()].filter(
      ({ at, period, isOver }) => !isOver && period === this.edges.length && at + LEASE_MS > now,
    )
    if (running.length > this.scene.limit) this.faults.push(`B3: ${running.length} trials`)
  }
}

/** Calls made by hand, with a permit: each step has its whole effect at once. */
export class ByHand extends HalfOpenBreaker {
  private readonly permits = new Map<Who, Permit>()

  protected come(who: Who): void {
    const permit = this.breaker.tryAcquire()
    if (permit instanceof Permit) {
      this.permits.set(who, permit)
      this.ran(who)
    } else this.calls.set(who, 'refused')
  }

  protected end(who: Who): void {
    this.permits.get(who)?.settle(this.scene.ways[who])
  }

  protected endAgain(who: Who): void {
    this.permits.get(who)?.settle('failure')
  }
}

interface Work {
  readonly caller: AbortController
  answer?: (value: string) => void
  fail?: (error: Error) => void
}

/** Calls of functions: an answer takes some microtasks to be heard, an abort none. */
export class InPipeline extends HalfOpenBreaker {
  private readonly works = new Map<Who, Work>()
  private readonly guarded: Policy

  constructor(scene: Scene) {
    super(scene)
    const { breaker, clock } = this
    const { timeoutMs } = scene
    this.guarded = timeoutMs === undefined ? breaker : pipeline(breaker, new Timeout({ timeoutMs, clock }))
  }

  protected come(who: Who): void {
    const work: Work = { caller: new AbortController() }
    this.works.set(who, work)
    const promise = (): Promise<string> => {
      this.ran(who)
      return new Promise((resolve, reject) => {
        work.answer = resolve
        work.fail = reject
      })
    }
    void this.guarded.outcome(promise, { signal: work.caller.signal }).then(({ kind }) => {
      if (kind === 'rejected') this.calls.set(who, 'refused')
    })
  }

  protected end(who: Who): void {
    const way = this.scene.ways[who]
    const work = this.works.get(who)
    if (way === 'success') work?.answer?.('up')
    else if (way === 'failure') work?.fail?.(DOWN)
    else if (way === 'cancelled') work?.caller.abort()
  }

  protected endAgain(who: Who): void {
    this.works.get(who)?.answer?.('again')
    this.works.get(who)?.caller.abort()
  }
}
