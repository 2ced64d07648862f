/**
 * Which instances of one balancer get series of their own. Fleets change all the time and their members are named by others, so only so many
 * are shown by themselves; the others are summed up in one that never goes back, whoever comes and goes.
 */
import type { BalancedInstanceReading } from '@breakwater/kernel'
import { labelValue, OVERFLOW_LABEL } from './label-value.js'

type Calls = BalancedInstanceReading['calls']

/** One series about an instance, or about all that have none of their own. */
export interface SeatedInstance {
  /** The value of its label. */
  readonly server: string
  readonly calls: Calls
  readonly inFlight: number
  /** Absent where there is none; of the sum, where one of those in it has none. */
  readonly limit: number | undefined
  /** Absent for the sum, as the score is: they do not add up. */
  readonly latencyMs: number | undefined
  readonly score: number | undefined
  /** How many of them are ejected now. */
  readonly ejected: number
}

/** What was last read of so many that are gone is kept, because they may come back with their counts. */
const REMEMBERED = 1_000
const NONE: Calls = Object.freeze({ success: 0, failure: 0, timeout: 0, neutral: 0 })

export class InstanceSeats {
  private readonly max: number
  private readonly own = new Set<string>()
  /** Of each without a seat: what was read of it last. The oldest reading is first. */
  private readonly last = new Map<string, Calls>()
  private readonly standing = new Set<string>()
  private others: Calls = NONE

  /** 0 shows nobody, nor a sum. */
  constructor(max: number) {
    this.max = max
  }

  /** The series of a reading. Whoever stands stays standing until gone, so that no count is in two series. */
  seat(instances: readonly BalancedInstanceReading[]): readonly SeatedInstance[] {
    if (this.max === 0) return []
    const present = new Set(instances.map(({ id }) => id))
    for (const id of this.own) if (!present.has(id)) this.own.delete(id)
    for (const id of this.standing) if (!present.has(id)) this.standing.delete(id)
    const seated: SeatedInstance[] = []
    const others: BalancedInstanceReading[] = []
    for (const instance of instances) {
      if (this.hasSeat(instance.id)) seated.push(one(instance))
      else others.push(instance)
    }
    for (const instance of others) this.addToOthers(instance)
    this.forget()
    return this.others === NONE ? seated : [...seated, sumOf(others, this.others)]
  }

  private hasSeat(id: string): boolean {
    if (this.own.has(id)) return true
    if (this.standing.has(id) || this.own.size >= this.max) {
      this.standing.add(id)
      return false
    }
    this.own.add(id)
    return true
  }

  private addToOthers({ id, calls }: BalancedInstanceReading): void {
    const before = this.last.get(id) ?? NONE
    this.others = combine(this.others, combine(calls, before, since), (one, other) => one + other)
    this.last.delete(id)
    this.last.set(id, { ...calls })
  }

  private forget(): void {
    // Whoever stands has just been read, and so comes after all who are gone.
    for (const id of this.last.keys()) {
      if (this.last.size <= REMEMBERED + this.standing.size) return
      this.last.delete(id)
    }
  }
}

function one(instance: BalancedInstanceReading): SeatedInstance {
  const { id, calls, inFlight, limit, latencyMs, score } = instance
  return { server: labelValue(id), calls, inFlight, limit, latencyMs, score, ejected: isOut(instance) }
}

/** `calls` are also those of instances that are gone. */
function sumOf(instances: readonly BalancedInstanceReading[], calls: Calls): SeatedInstance {
  return {
    server: OVERFLOW_LABEL,
    calls,
    inFlight: total(instances.map(({ inFlight }) => inFlight)),
    limit: limitOf(instances),
    latencyMs: undefined,
    score: undefined,
    ejected: total(instances.map(isOut)),
  }
}

/** Of nobody it is unknown whether there would be one. */
function limitOf(instances: readonly BalancedInstanceReading[]): number | undefined {
  const limits = instances.flatMap(({ limit }) => limit ?? [])
  return limits.length === 0 || limits.length < instances.length ? undefined : total(limits)
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0)
}

function isOut({ state }: Pick<BalancedInstanceReading, 'state'>): number {
  return state === 'ejected' || state === 'trial' ? 1 : 0
}

/** A count that is lower than before is that of another process at the same address. */
function since(now: number, before: number): number {
  return now >= before ? now - before : now
}

function combine(one: Calls, other: Calls, how: (one: number, other: number) => number): Calls {
  return {
    success: how(one.success, other.success),
    failure: how(one.failure, other.failure),
    timeout: how(one.timeout, other.timeout),
    neutral: how(one.neutral, other.neutral),
  }
}
