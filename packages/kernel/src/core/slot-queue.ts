/**
 * The waiting line in front of whatever is limited: a doubly linked list whose links live in the waiters themselves, so
 * joining, being served and giving up allocate nothing. The list is kept in the order of service; who joins looks
 * for his place from the end where, without priorities, it is the first one tried.
 */

/**
 * Somebody who waits. The queue owns `prev` and `next` while he does; both are null before and after. `priority` is
 * a number (not NaN) that stays the same while he waits; higher is served first.
 */
export interface Waiter<Self> {
  prev: Self | null
  next: Self | null
  readonly priority: number
}

/** Who is served first among waiters of equal priority: who has waited longest, or who came last. */
export type QueueOrder = 'fifo' | 'lifo'

/**
 * A bounded waiting line. `shift` and `remove` are O(1), `push` is O(1) among waiters of equal priority and
 * O(waiters it overtakes) otherwise. A waiter is in at most one queue, at most once.
 *
 * @example
 * const queue = new SlotQueue<Caller>(10, 'fifo')
 * queue.push(caller)  // true, or false when ten wait
 * queue.remove(caller) // true: he gave up
 * queue.shift()       // who is next, or null
 */
export class SlotQueue<W extends Waiter<W>> {
  private readonly order: QueueOrder = 'fifo'
  private head: W | null = null
  private tail: W | null = null
  private length = 0
  private bound = 0

  /** `limit` is a whole number; with 0 nobody may wait. */
  constructor(limit: number, order: QueueOrder) {
    this.bound = limit
    this.order = order
  }

  /** How many wait. */
  get size(): number {
    return this.length
  }

  /** How many may wait. A lower limit sends nobody away who already waits. */
  get limit(): number {
    return this.bound
  }

  set limit(limit: number) {
    this.bound = limit
  }

  /** Whether `push` would say no. */
  get full(): boolean {
    return this.length >= this.bound
  }

  /** Joins the line. False, and nothing changed, when the line is full or the waiter stands in it already. */
  push(waiter: W): boolean {
    if (this.length >= this.bound || this.has(waiter)) return false
    if (this.order === 'fifo') this.insertAfter(this.lastNotBelow(waiter.priority), waiter)
    else this.insertBefore(this.firstNotAbove(waiter.priority), waiter)
    this.length++
    return true
  }

  /** Takes out who is next, or null when nobody waits. */
  shift(): W | null {
    const first = this.head
    if (first !== null) this.remove(first)
    return first
  }

  /** Takes out the first whom `fits` accepts, or null when there is none. O(those before). */
  shiftFirst(fits: (waiter: W) => boolean): W | null {
    const waiter = this.first(fits)
    if (waiter !== null) this.remove(waiter)
    return waiter
  }

  /** The first whom `fits` accepts, without taking him out, or null when there is none. O(those before). */
  first(fits: (waiter: W) => boolean): W | null {
    let waiter = this.head
    while (waiter !== null && !fits(waiter)) waiter = waiter.next
    return waiter
  }

  /** Who is next, without taking him out. */
  peek(): W | null {
    return this.head
  }

  /** Whether the waiter stands in this line. */
  has(waiter: W): boolean {
    return waiter.prev !== null || this.head === waiter
  }

  /** Leaves the line. False, and nothing changed, when the waiter does not stand in it. */
  remove(waiter: W): boolean {
    if (!this.has(waiter)) return false
    const { prev, next } = waiter
    if (prev === null) this.head = next
    else prev.next = next
    if (next === null) this.tail = prev
    else next.prev = prev
    waiter.prev = null
    waiter.next = null
    this.length--
    return true
  }

  private lastNotBelow(priority: number): W | null {
    let waiter = this.tail
    while (waiter !== null && waiter.priority < priority) waiter = waiter.prev
    return waiter
  }

  private firstNotAbove(priority: number): W | null {
    let waiter = this.head
    while (waiter !== null && waiter.priority > priority) waiter = waiter.next
    return waiter
  }

  /** Null means before everybody. */
  private insertAfter(prev: W | null, waiter: W): void {
    this.link(prev, waiter, prev === null ? this.head : prev.next)
  }

  /** Null means after everybody. */
  private insertBefore(next: W | null, waiter: W): void {
    this.link(next === null ? this.tail : next.prev, waiter, next)
  }

  private link(prev: W | null, waiter: W, next: W | null): void {
    waiter.prev = prev
    waiter.next = next
    if (prev === null) this.head = waiter
    else prev.next = waiter
    if (next === null) this.tail = waiter
    else next.prev = waiter
  }
}
