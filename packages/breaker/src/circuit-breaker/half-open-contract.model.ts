/**
 * What the contract says comes out of a few steps on a half-open breaker, in whatever order. It is played on the naive
 * breaker and knows nothing of the real one. For tests only.
 */
import type { OutcomeKind } from '@breakwater/kernel'
import { delayed } from '../interleavings.model.js'
import { NaiveBreaker } from './circuit-breaker.model.js'
import type { ModelPermit, ModelRules } from './circuit-breaker.model.js'

export type Who = 'A' | 'B' | 'C'
export type Command = 'force open' | 'force closed' | 'release' | 'reset' | 'open for 1000'
/** Nobody takes the last two: the breaker is told of an end, and a call is over by itself. */
export type Step =
  `${Who} ${'comes' | 'ends' | 'ends again' | 'is heard' | 'times out'}` | Command | `pass ${number}`
/** How each call ends; one that never does has no such step. */
type Ways = Readonly<Record<Who, OutcomeKind>>

export interface Scene {
  readonly ways: Ways
  /** Trials at once, and successes that close. */
  readonly limit: number
  /** How long a call may take, if it is limited; while that time passes, the loop turns and all is heard. */
  readonly timeoutMs?: number
}

export const LEASE_MS = 500
export const OPEN_MS = 1_000

export function rulesFor(limit: number): ModelRules {
  const window = { percent: 100, volume: 1, windowMs: 100_000, buckets: 10 }
  return { ...window, baseOpenMs: OPEN_MS, limit, leaseMs: LEASE_MS, closeAfter: limit }
}

export const whoOf = (step: Step): Who => step.charAt(0) as Who
export const msOf = (step: Step): number => Number(step.slice('pass '.length))

/** What is seen in the end. */
export interface Seen {
  /** Who ran and who was refused. */
  readonly calls: ReadonlyMap<Who, 'ran' | 'refused'>
  readonly edges: readonly string[]
  /** Results that came too late. */
  readonly late: number
  readonly successes: number
  readonly failures: number
  /** Calls that are admitted in a row, at most one more than the limit. */
  readonly free: number
}

export function told({ calls, edges, late, successes, failures, free }: Seen): string {
  const ends = [...calls].map((call) => call.join(' ')).sort()
  const counts = `${late} late, ${successes} good, ${failures} bad, ${free} free`
  return `${ends.join(', ')}; ${edges.join(', ')}; ${counts}`
}

class Contract {
  private now = OPEN_MS
  private readonly naive: NaiveBreaker
  private readonly permits = new Map<Who, ModelPermit | undefined>()
  private lateAnswers = 0

  constructor(private readonly scene: Scene) {
    this.naive = new NaiveBreaker(rulesFor(scene.limit))
    const first = this.naive.acquire(0)
    if (first !== undefined) this.naive.settle(first, 'failure', 0)
  }

  apply(step: Step): void {
    const { naive, now } = this
    const who = whoOf(step)
    if (step.endsWith('comes')) this.permits.set(who, naive.acquire(now))
    else if (step.endsWith('is heard')) this.hear(who, this.scene.ways[who])
    else if (step.endsWith('times out')) this.hear(who, 'timeout')
    else if (step.startsWith('pass')) this.now += msOf(step)
    else if (step === 'force open') naive.force('forced-open')
    else if (step === 'force closed') naive.force('forced-closed')
    else if (step === 'release') naive.release(now)
    else if (step === 'reset') naive.reset()
    else if (step === 'open for 1000') naive.openFor(OPEN_MS, now)
  }

  result(): string {
    const { naive, now } = this
    const calls = [...this.permits].map(
      ([who, permit]) => [who, permit === undefined ? 'refused' : 'ran'] as const,
    )
    const late = this.lateAnswers + naive.permits.filter(({ fate }) => fate === 'late').length
    const counts = naive.counts(now)
    // The edge to open came before the steps.
    const edges = naive.edges.slice(1)
    let free = 0
    while (free <= this.scene.limit && naive.acquire(now) !== undefined) free++
    return told({ calls: new Map(calls), edges, late, ...counts, free })
  }

  /** Work answers too late when its call has timed out; who aborts a call that is over does nothing. */
  private hear(who: Who, kind: OutcomeKind): void {
    const permit = this.permits.get(who)
    if (permit === undefined) return
    if (permit.settledAs !== undefined && kind !== 'cancelled') this.lateAnswers++
    this.naive.settle(permit, kind, this.now)
  }
}

/** All that may come out of these steps: an end is heard at once or, where it `lags`, a few steps later. */
export function allowedBy(
  order: readonly Step[],
  scene: Scene,
  lags: (who: Who) => boolean = () => false,
): ReadonlySet<string> {
  let orders: readonly (readonly Step[])[] = [withTimeouts(order, scene)]
  for (const step of order.filter((one) => one.endsWith('ends'))) {
    const who = whoOf(step)
    const turn = scene.timeoutMs === undefined ? undefined : (`pass ${scene.timeoutMs}` as const)
    orders = orders.flatMap((one) => {
      const all = delayed<Step>(one, step, `${who} is heard`, turn)
      return lags(who) ? all : all.slice(0, 1)
    })
  }
  const results = orders.map((steps) => {
    const contract = new Contract(scene)
    for (const step of steps) contract.apply(step)
    return contract.result()
  })
  return new Set(results)
}

/** Who came before the time passed, and has not ended, times out then, in turn. */
function withTimeouts(order: readonly Step[], { timeoutMs }: Scene): readonly Step[] {
  const turn = order.findIndex((step) => step === `pass ${timeoutMs}`)
  const before = order.slice(0, turn + 1)
  const out = before
    .filter((step) => step.endsWith('comes') && !before.includes(`${whoOf(step)} ends`))
    .map((step): Step => `${whoOf(step)} times out`)
  return [...before, ...out, ...order.slice(turn + 1)]
}
