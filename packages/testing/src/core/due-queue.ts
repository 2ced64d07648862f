/**
 * Things that become due at points in time, in order of time and, within one instant, of arrival. A sorted array,
 * soonest last, so that taking the next one is a `pop`; pure data, no clock.
 */

/** One thing that waits. */
export interface Due {
  readonly at: number
  /** Arrival number: unique, increasing, shared by all queues of one clock. */
  readonly order: number
  readonly run: () => void
  readonly background: boolean
}

/** A queue of things that wait for their time. */
export class DueQueue {
  private readonly latestFirst: Due[] = []

  /** How many wait. */
  get size(): number {
    return this.latestFirst.length
  }

  /** How many of those that wait are background ones. */
  get backgroundSize(): number {
    return this.latestFirst.filter((due) => due.background).length
  }

  /** When the next one is due; `Infinity` if none waits. */
  get nextAt(): number {
    return this.latestFirst.at(-1)?.at ?? Infinity
  }

  /** Adds one; O(log n) comparisons. */
  add(due: Due): void {
    this.latestFirst.splice(this.placeOf(due), 0, due)
  }

  /** Removes one, and says whether it was there. */
  remove(due: Due): boolean {
    const place = this.placeOf(due)
    if (this.latestFirst[place] !== due) return false
    this.latestFirst.splice(place, 1)
    return true
  }

  /** Takes out the first that is due at `now` among those that arrived before `order`. */
  take(now: number, order: number): Due | undefined {
    const place = this.latestFirst.findLastIndex((due) => due.order < order)
    const due = this.latestFirst[place]
    if (due === undefined || due.at > now) return undefined
    this.latestFirst.splice(place, 1)
    return due
  }

  /** The first place whose entry is not later than `due`. */
  private placeOf(due: Due): number {
    let low = 0
    let high = this.latestFirst.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.latestFirst[middle]
      if (other !== undefined && isLater(other, due)) low = middle + 1
      else high = middle
    }
    return low
  }
}

function isLater(a: Due, b: Due): boolean {
  return a.at > b.at || (a.at === b.at && a.order > b.order)
}
