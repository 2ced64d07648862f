/** What the tests of balancers share. */
import { seededRandom } from '@breakwater/kernel'
import type { Clock, OutcomeKind } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import type { Instance, Snapshot } from '../instance.js'
import { StaticSource } from '../sources/static-source.js'
import type { InstanceEntry } from '../sources/core/read-instances.js'
import { instanceOf } from '../sources/core/read-instances.js'
import { createBalancer } from './balancer.js'
import type { Balancer } from './balancer.js'
import type { BalancerOptions } from './balancer-options.js'
import { STRATEGY_NAMES } from './core/built-in.js'
import type { StrategyName } from './core/built-in.js'

export const HASHING: readonly StrategyName[] = ['ringHash', 'maglev', 'rendezvous']
export const ALL: readonly StrategyName[] = STRATEGY_NAMES

/** `count` instances i0, i1, …, with what `more` adds. */
export function fleet(
  count: number,
  more: (index: number) => Partial<InstanceEntry> = () => ({}),
): Instance[] {
  return Array.from({ length: count }, (_, index) =>
    instanceOf({ id: `i${String(index)}`, host: '10.0.0.1', port: 1_000 + index, ...more(index) }),
  )
}

/** A source that publishes whatever a test gives it, also what no source of ours would. */
export class RawSource {
  private readonly listeners = new Set<(snapshot: Snapshot) => void>()
  private current: Snapshot | undefined

  get watchers(): number {
    return this.listeners.size
  }

  publish(instances: readonly Instance[]): void {
    const version = (this.current?.version ?? 0) + 1
    this.current = { service: 'users', instances, version, updatedAt: 0 }
    for (const listener of this.listeners) listener(this.current)
  }

  watch(_service: string, listener: (snapshot: Snapshot) => void): () => void {
    this.listeners.add(listener)
    if (this.current !== undefined) listener(this.current)
    return () => this.listeners.delete(listener)
  }

  snapshot(): Snapshot | undefined {
    return this.current
  }
}

export interface Lab {
  readonly clock: SimClock
  readonly source: RawSource
  readonly balancer: Balancer
}

/** A balancer over instances, on simulated time and seeded chance. */
export function lab(instances: readonly Instance[], options: Partial<BalancerOptions> = {}): Lab {
  const clock = new SimClock()
  const source = new RawSource()
  source.publish(instances)
  const random = seededRandom('balancing')
  return { clock, source, balancer: createBalancer({ source, service: 'users', clock, random, ...options }) }
}

/** How often each instance is chosen by so many picks that end at once. */
export function shares(
  balancer: Balancer,
  picks: number,
  outcome: OutcomeKind = 'ignored',
): Map<string, number> {
  const counts = new Map<string, number>()
  for (let index = 0; index < picks; index++) {
    const pick = balancer.pick({ key: `key-${String(index)}` })
    counts.set(pick.instance.id, (counts.get(pick.instance.id) ?? 0) + 1)
    pick.done(outcome, 10)
  }
  return counts
}

/** The χ² statistic of counts against expected ones. */
export function chiSquare(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, index) => sum + (count - expected[index]!) ** 2 / expected[index]!, 0)
}

/** What χ² exceeds with p = 0.001, for so many degrees of freedom (Wilson and Hilferty's approximation). */
export function chiSquareLimit(degrees: number): number {
  const term = 2 / (9 * degrees)
  return degrees * (1 - term + 3.09 * Math.sqrt(term)) ** 3
}

interface Load {
  readonly clients: number
  /** Calls a second of all clients together. */
  readonly perSecond: number
  readonly durationMs: number
  readonly strategy: StrategyName
  readonly ejection?: BalancerOptions['ejection']
  /** How a call to this instance at this time goes; `undefined`: it never ends. */
  readonly answer: (
    id: string,
    now: number,
  ) => { readonly ms: number; readonly kind: OutcomeKind } | undefined
}

/** One call of a simulated load. */
interface Done {
  readonly id: string
  readonly at: number
  readonly kind: OutcomeKind | undefined
}

/** An open loop: arrivals by chance, whatever the answers. Time moves without a clock's timers, so that much fits into a test. */
export function simulate(instances: readonly Instance[], load: Load): Done[] {
  const random = seededRandom(`load ${load.strategy}`)
  let now = 0
  const clock: Clock = { now: () => now, epochNow: () => now, schedule: () => () => {} }
  const source = new RawSource()
  source.publish(instances)
  const { strategy, ejection } = load
  const options = { source, service: 'users', strategy, ejection, clock, random }
  const balancers = Array.from({ length: load.clients }, () => createBalancer(options))
  const ends: { at: number; end: () => void }[] = []
  const done: Done[] = []
  while (now < load.durationMs) {
    const arrival = now + (-Math.log(1 - random.next()) * 1_000) / load.perSecond
    while (ends.length > 0 && ends[0]!.at <= arrival) {
      const { at, end } = ends.shift()!
      now = at
      end()
    }
    now = arrival
    const pick = balancers[Math.floor(random.next() * load.clients)]!.pick()
    const { id } = pick.instance
    const answer = load.answer(id, now)
    done.push({ id, at: now, kind: answer?.kind })
    if (answer === undefined) continue
    const at = now + answer.ms
    const place = ends.findLastIndex((other) => other.at <= at) + 1
    ends.splice(place, 0, {
      at,
      end: () => {
        pick.done(answer.kind)
      },
    })
  }
  return done
}

/** The part of the calls from `fromMs` on that went to an instance. */
export function shareOf(done: readonly Done[], id: string, fromMs: number): number {
  const late = done.filter(({ at }) => at >= fromMs)
  return late.filter((call) => call.id === id).length / late.length
}

/** A static source with one service. */
export function users(...entries: (string | InstanceEntry)[]): StaticSource {
  return new StaticSource({ users: entries })
}

/** What it throws, if it does. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
