// What happens next: a binary heap of events, earliest first, and among equal times first planned, first fired.

/** Something that happens at a time. One object may be planned again after it has fired. */
export interface SimEvent {
  fire(): void
}

export class EventQueue {
  /** The virtual time, in milliseconds. */
  now = 0
  private readonly events: SimEvent[] = []
  private readonly times: number[] = []
  private readonly orders: number[] = []
  private planned = 0

  /** Plans an event; one in the past fires next. */
  plan(at: number, event: SimEvent): void {
    this.events.push(event)
    this.times.push(Math.max(at, this.now))
    this.orders.push(this.planned++)
    this.rise(this.events.length - 1)
  }

  /** Plans a function. */
  at(at: number, run: () => void): void {
    this.plan(at, { fire: run })
  }

  /** Fires everything up to a time, and leaves the clock there. */
  runUntil(end: number): void {
    while (this.events.length > 0 && (this.times[0] as number) <= end) {
      this.now = this.times[0] as number
      this.take().fire()
    }
    this.now = end
  }

  private take(): SimEvent {
    const first = this.events[0] as SimEvent
    const last = this.events.length - 1
    this.swap(0, last)
    this.events.pop()
    this.times.pop()
    this.orders.pop()
    this.sink(0)
    return first
  }

  private rise(from: number): void {
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.isBefore(index, parent)) return
      this.swap(index, parent)
      index = parent
    }
  }

  private sink(from: number): void {
    const { length } = this.events
    let index = from
    for (;;) {
      const left = 2 * index + 1
      if (left >= length) return
      const right = left + 1
      const child = right < length && this.isBefore(right, left) ? right : left
      if (!this.isBefore(child, index)) return
      this.swap(child, index)
      index = child
    }
  }

  private isBefore(one: number, other: number): boolean {
    const difference = (this.times[one] as number) - (this.times[other] as number)
    return (
      difference < 0 || (difference === 0 && (this.orders[one] as number) < (this.orders[other] as number))
    )
  }

  private swap(one: number, other: number): void {
    const { events, times, orders } = this
    const event = events[one] as SimEvent
    const time = times[one] as number
    const order = orders[one] as number
    events[one] = events[other] as SimEvent
    times[one] = times[other] as number
    orders[one] = orders[other] as number
    events[other] = event
    times[other] = time
    orders[other] = order
  }
}
