/**
 * Those who wait, in the order of their arrival: a ring through its own ends, joined and left in O(1).
 *
 * Both ends are one object that is made anew now and then. A call that links itself to an old object costs two write
 * barriers of the garbage collector, more than all the rest of its bookkeeping; to one as young as itself, none.
 */

/** One who can wait; in one place at a time. */
export interface Waiting {
  /** The neighbours, null for one who stands nowhere; both belong to the arrivals. */
  prev: Waiting | null
  next: Waiting | null
  /** When his time is over; absent until somebody has read the clock. */
  at: number | undefined
  /** His time is over. */
  expire(): void
}

/** So many arrivals until the ends are renewed. */
const RENEWED_EVERY = 64

class Ends implements Waiting {
  prev: Waiting = this
  next: Waiting = this
  at: number = 0
  expire(): void {}
}

export class Arrivals {
  private ends = new Ends()
  private left: number = RENEWED_EVERY

  get isEmpty(): boolean {
    return this.ends.next === this.ends
  }

  /** The one who waits longest. */
  head(): Waiting | undefined {
    return this.isEmpty ? undefined : this.ends.next
  }

  /** Joins at the end; with a time only when all before have theirs. */
  add(waiting: Waiting): void {
    if (--this.left === 0) this.renew()
    const { ends } = this
    const last = ends.prev
    waiting.prev = last
    waiting.next = ends
    last.next = waiting
    ends.prev = waiting
  }

  /** Gives `at` to those who have no time. */
  stamp(at: number): void {
    for (let last = this.ends.prev; last.at === undefined; last = last.prev as Waiting) last.at = at
  }

  /** The time of the one who came last; only when somebody waits and all have their time. */
  lastAt(): number {
    return this.ends.prev.at as number
  }

  /** Makes all wait longer; only when all have their time. O(n). */
  postpone(ms: number): void {
    for (let last = this.ends.prev; last !== this.ends; last = last.prev as Waiting)
      last.at = (last.at as number) + ms
  }

  private renew(): void {
    this.left = RENEWED_EVERY
    const { prev, next } = this.ends
    const ends = new Ends()
    if (!this.isEmpty) {
      ends.prev = prev
      ends.next = next
      prev.next = next.prev = ends
    }
    this.ends = ends
  }
}

/** Leaves the place, wherever that is; does nothing for one who stands nowhere. */
export function leave(waiting: Waiting): void {
  const { prev, next } = waiting
  if (prev === null || next === null) return
  prev.next = next
  next.prev = prev
  waiting.prev = waiting.next = null
}
