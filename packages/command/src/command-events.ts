/**
 * What a command tells: its own events, and those of the breaker that it has at the moment. Listeners belong to the
 * command, so an update that replaces a policy loses none of them.
 */
import type { CircuitBreaker, CircuitBreakerEvents, HedgeEvents, RetryEvents } from '@breakwater/breaker'
import { Emitter } from '@breakwater/kernel'
import type { ExecutionEvents } from './command-meter.js'
import type { Books } from './parts.js'

/** What a command tells its listeners: its executions, and what its breaker, retry and hedge tell. */
export type CommandEvents = ExecutionEvents &
  CircuitBreakerEvents &
  Pick<RetryEvents, 'retry'> &
  Pick<HedgeEvents, 'hedge'>

/** The listeners of one command. */
export class CommandHub {
  private readonly emitter: Emitter<CommandEvents> = new Emitter('command')
  /** How to stop hearing the breaker, by event. */
  private readonly heard = new Map<keyof CircuitBreakerEvents, (() => void) | undefined>()

  constructor(
    private breaker: CircuitBreaker | undefined,
    private readonly books: Books,
  ) {}

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof CommandEvents>(event: E, listener: (payload: CommandEvents[E]) => void): () => void {
    const leave = this.emitter.on(event, listener)
    if (event === 'retry') this.books.ledger.events = this.emitter
    else if (event === 'hedge') this.books.hedges.events = this.emitter
    else if (!isOfBreaker(event)) this.books.meter.events = this.emitter
    else if (!this.heard.has(event)) this.hear(event)
    return leave
  }

  /** Hears this breaker from now on. */
  follow(breaker: CircuitBreaker | undefined): void {
    if (breaker === this.breaker) return
    const events = [...this.heard.keys()]
    this.forget()
    this.breaker = breaker
    for (const event of events) this.hear(event)
  }

  /** Sends all listeners away. */
  clear(): void {
    this.emitter.clear()
    this.forget()
  }

  private hear(event: keyof CircuitBreakerEvents): void {
    this.heard.set(
      event,
      this.breaker?.on(event, (payload) => this.emitter.emit(event, payload)),
    )
  }

  private forget(): void {
    for (const stop of this.heard.values()) stop?.()
    this.heard.clear()
  }
}

function isOfBreaker(event: keyof CommandEvents): event is keyof CircuitBreakerEvents {
  return event !== 'execution' && event !== 'fallback' && event !== 'retry' && event !== 'hedge'
}
