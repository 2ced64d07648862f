/** Where calls of `execute` wait while all instances have as many in flight as they may have: bounded, and left at once by who gives up. */
import { SlotQueue } from '@breakwater/kernel'
import type { Cancel, Clock, QueueOrder, Waiter } from '@breakwater/kernel'
import type { PickRecord } from './pick.js'
import type { PickOptions } from './pick-options.js'

/** Who may wait. */
export interface WaitingRules {
  readonly limit: number
  readonly maxWaitMs: number
  readonly order: QueueOrder
}

/** What a line needs of its balancer. */
interface Counter {
  readonly clock: Clock
  /** A choice; `undefined` while all are full. Throws when there is nobody to call. */
  choose(options: PickOptions): PickRecord | undefined
  /** When time alone may let somebody have room, such as at the end of an ejection. */
  readonly dueAt: number
  /** What to reject with when nobody more may wait, or somebody has waited for too long. */
  refusal(reason: 'queue_full' | 'queue_timeout'): Error
}

/** One who waits. */
export class Turn implements Waiter<Turn> {
  prev: Turn | null = null
  next: Turn | null = null
  readonly priority = 0
  /** Chosen when the turn came, in the same moment in which a slot was given back. */
  pick: PickRecord | undefined = undefined
  /** Its work runs, or has run. */
  hasBegun = false
  readonly served: Promise<PickRecord>
  readonly options: PickOptions
  endTimer: Cancel | undefined = undefined
  private resolve!: (pick: PickRecord) => void
  private reject!: (reason: unknown) => void

  constructor(options: PickOptions) {
    this.options = options
    this.served = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  serve(pick: PickRecord): void {
    this.pick = pick
    this.resolve(pick)
  }

  refuse(reason: unknown): void {
    this.reject(reason)
  }
}

export class WaitingLine {
  private readonly rules: WaitingRules
  private readonly counter: Counter
  private readonly queue: SlotQueue<Turn>
  private isServing = false
  private wakesAt = Infinity
  private wakeTimer: Cancel | undefined = undefined

  constructor(rules: WaitingRules, counter: Counter) {
    this.rules = rules
    this.counter = counter
    this.queue = new SlotQueue(rules.limit, rules.order)
  }

  get size(): number {
    return this.queue.size
  }

  /** A choice, or a turn to wait for. Throws when there is nobody to call, and when as many wait as may. */
  enter(options: PickOptions): PickRecord | Turn {
    // Listeners hear of an end before those who wait do, and may call anew.
    if (this.queue.size > 0) this.serve()
    const pick = this.isServing ? undefined : this.counter.choose(options)
    if (pick !== undefined) return pick
    const turn = new Turn(options)
    if (!this.queue.push(turn)) throw this.counter.refusal('queue_full')
    this.watchTime()
    const { clock } = this.counter
    const { maxWaitMs } = this.rules
    if (maxWaitMs === Infinity) return turn
    turn.endTimer = clock.schedule(clock.now() + maxWaitMs, () => {
      if (!this.queue.remove(turn)) return
      turn.refuse(this.counter.refusal('queue_timeout'))
      if (this.queue.size === 0) this.sleep()
    })
    return turn
  }

  /** Who waits no longer, for whatever reason. */
  leave(turn: Turn): void {
    this.queue.remove(turn)
    turn.endTimer?.()
    if (this.queue.size === 0) this.sleep()
  }

  /** Lets those choose whose turn it is, as long as somebody has room. */
  serve(): void {
    // A choice tells listeners, who may end other calls.
    if (this.isServing) return
    this.isServing = true
    try {
      for (let turn = this.queue.peek(); turn !== null; turn = this.queue.peek())
        if (!this.hasServed(turn)) break
    } finally {
      this.isServing = false
    }
    this.watchTime()
  }

  /** Nobody tells when an instance may be called again after some time: while all calls to the others hang, no end of a call does either. */
  private watchTime(): void {
    const { clock, dueAt } = this.counter
    if (this.queue.size === 0 || dueAt >= this.wakesAt) return
    this.sleep()
    this.wakesAt = dueAt
    this.wakeTimer = clock.schedule(dueAt, () => {
      this.sleep()
      this.serve()
    })
  }

  private sleep(): void {
    this.wakeTimer?.()
    this.wakeTimer = undefined
    this.wakesAt = Infinity
  }

  private hasServed(turn: Turn): boolean {
    try {
      const pick = this.counter.choose(turn.options)
      if (pick === undefined) return false
      this.leave(turn)
      turn.serve(pick)
    } catch (error) {
      this.leave(turn)
      turn.refuse(error)
    }
    return true
  }
}
