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
  /** Absent for the sum: these do not add up. */
  readonly limit: number | undefined
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
    let [inFlight, ejected] = [0, 0]
    for (const instance of instances) {
      if (this.hasSeat(instance.id)) {
        seated.push(one(instance))
        continue
      }
      this.addToOthers(instance)
      inFlight += instance.inFlight
      ejected += isOut(instance)
    }
    this.forget()
    if (this.others === NONE) return seated
    const sum = { server: OVERFLOW_LABEL, calls: this.others, inFlight, ejected }
    return [...seated, { ...sum, limit: undefined, latencyMs: undefined, score: undefined }]
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
    for (const id of this.last.keys()) {
      if (this.last.size <= REMEMBERED + this.standing.size) return
      if (!this.standing.has(id)) this.last.delete(id)
    }
  }
}

function one(instance: BalancedInstanceReading): SeatedInstance {
  const { id, calls, inFlight, limit, latencyMs, score } = instance
  return { server: labelValue(id), calls, inFlight, limit, latencyMs, score, ejected: isOut(instance) }
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
