/**
 * Typed events for everything in the library that tells what it does. Listeners hear of events after the fact, in the
 * order in which they happened, one at a time, and can change nothing: what they throw goes to `reportInternalError`.
 * An emitter that nobody listens to costs one comparison with `undefined` per event.
 */
import { EventEmitter } from 'eventemitter3'
import { invalidArgument } from './invalid-options-error.js'
import { reportInternalError, runFenced } from './internal-errors.js'

/** Hears of one kind of event. What it returns is ignored, but a rejected promise is reported. */
export type Listener<T> = (payload: T) => unknown

interface Pending {
  readonly event: string
  readonly payload: unknown
  readonly number: number
}

/** Listeners that answer events with events would go on for ever: one outermost `emit` delivers at most so many more. */
const MAX_POSTPONED_EVENTS = 10_000

/**
 * An emitter with fenced, ordered, never re-entrant delivery. `emit` delivers before it returns; only an `emit` from
 * inside a listener is put off until the events before it, of whatever name, are delivered. An event reaches exactly the
 * listeners that were there when it was emitted and have not left since.
 *
 * @example
 * ```ts
 * import { Emitter } from '@breakwater/kernel'
 *
 * const emitter = new Emitter<{ transition: { to: string } }>('my breaker')
 * const unsubscribe = emitter.on('transition', ({ to }) => console.log(to))
 * emitter.emit('transition', { to: 'open' }) // prints: open
 * unsubscribe()
 * ```
 */
export class Emitter<Events extends object> {
  private readonly owner: string
  private bus: EventEmitter | undefined
  private pending: Pending[] = []
  private delivering = false
  private emitted = 0
  private clearedAt = 0

  /** `owner` names the emitter in reports about listeners that throw. */
  constructor(owner = 'emitter') {
    this.owner = owner
  }

  /**
   * Subscribes `listener`; returns the function that unsubscribes, which may be called any number of times. The same
   * listener may subscribe more than once. Throws `InvalidOptionsError` when `listener` is not a function.
   */
  on<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): () => void {
    if (typeof listener !== 'function') {
      throw invalidArgument(`${this.owner}.on`, {
        path: 'listener',
        received: listener,
        expected: 'a function',
      })
    }
    const since = this.emitted
    let active = true
    const fenced = ({ payload, number }: { payload: Events[E]; number: number }): void => {
      if (!active || number <= since || number <= this.clearedAt) return
      runFenced(
        () => listener(payload),
        (error) => {
          reportInternalError(error, `${this.owner}: listener of "${event}"`)
        },
      )
    }
    this.bus ??= new EventEmitter()
    this.bus.on(event, fenced)
    return () => {
      active = false
      this.bus?.off(event, fenced)
    }
  }

  /** Delivers `payload` to the listeners of `event`. Never throws. */
  emit<E extends keyof Events & string>(event: E, payload: Events[E]): void {
    if (this.bus === undefined || this.bus.listenerCount(event) === 0) return
    const next: Pending = { event, payload, number: ++this.emitted }
    if (this.delivering) this.postpone(next)
    else this.deliver(next)
  }

  /** Whether an `emit` of this event would reach somebody; ask before building a costly payload. */
  hasListeners(event: keyof Events & string): boolean {
    return this.bus !== undefined && this.bus.listenerCount(event) > 0
  }

  /** Removes all listeners; events not yet delivered reach nobody. */
  clear(): void {
    this.bus = undefined
    this.clearedAt = this.emitted
  }

  private deliver(first: Pending): void {
    this.delivering = true
    try {
      let next: Pending | undefined = first
      for (let position = 0; next !== undefined; position++) {
        this.bus?.emit(next.event, next)
        next = this.pending[position]
      }
    } finally {
      this.pending = []
      this.delivering = false
    }
  }

  private postpone(next: Pending): void {
    if (this.pending.length < MAX_POSTPONED_EVENTS) this.pending.push(next)
    else reportInternalError(new RangeError('listeners emit events without end'), this.owner)
  }
}
