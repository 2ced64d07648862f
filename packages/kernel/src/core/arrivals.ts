/**
 * Those who wait, in the order of their arrival, joining and leaving in O(1). They stand in batches because of the
 * garbage collector: a call that links itself into a list of older objects costs two write barriers, more than all the
 * rest of its bookkeeping, while a batch is as young as those who stand in it. An emptied batch leaves at once, so one
 * who waits for long keeps nobody's place but those of his own batch.
 */

/** One who can wait; in one place at a time. */
export interface Waiting {
  /** Where he stands, null when nowhere; belongs to the arrivals. */
  batch: Batch | null
  /** Belongs to the arrivals. */
  place: number
  /** When his time is over; absent until somebody has read the clock. */
  at: number | undefined
  /** His time is over. */
  expire(): void
}

const BATCH_SIZE = 32

/** Neighbours in the order of arrival. */
export class Batch {
  readonly members: (Waiting | null)[] = new Array<Waiting | null>(BATCH_SIZE).fill(null)
  /** Places that were given out. */
  size = 0
  waiting = 0
  /** The places before this one have their times. */
  stamped = 0
  next: Batch | null = null

  constructor(
    readonly arrivals: Arrivals,
    public previous: Batch | null,
  ) {}
}

export class Arrivals {
  private first: Batch = new Batch(this, null)
  private last: Batch = this.first

  get isEmpty(): boolean {
    return this.first === this.last && this.first.waiting === 0
  }

  /** The one who waits longest. */
  head(): Waiting | undefined {
    return this.first.members.find((member) => member !== null) ?? undefined
  }

  add(waiting: Waiting): void {
    const batch = this.last.size < BATCH_SIZE ? this.last : this.append()
    const place = batch.size
    batch.size = place + 1
    batch.waiting++
    batch.members[place] = waiting
    waiting.batch = batch
    waiting.place = place
  }

  /** Gives `at` to those who have no time. */
  stamp(at: number): void {
    for (let batch: Batch | null = this.last; batch !== null; batch = batch.previous) {
      if (batch.stamped === batch.size) return
      for (; batch.stamped < batch.size; batch.stamped++) {
        const member = batch.members[batch.stamped] ?? null
        if (member !== null) member.at ??= at
      }
    }
  }

  /** Takes out an emptied batch. */
  drop({ previous, next }: Batch): void {
    if (previous === null) this.first = next ?? new Batch(this, null)
    else previous.next = next
    if (next !== null) next.previous = previous
    else this.last = previous ?? this.first
  }

  private append(): Batch {
    const batch = new Batch(this, this.last)
    this.last.next = batch
    this.last = batch
    return batch
  }
}

/** Leaves the place, wherever that is; does nothing for one who stands nowhere. */
export function leave(waiting: Waiting): void {
  const { batch } = waiting
  if (batch === null) return
  waiting.batch = null
  batch.members[waiting.place] = null
  batch.waiting--
  if (batch.waiting === 0 && batch.size === BATCH_SIZE) batch.arrivals.drop(batch)
}
