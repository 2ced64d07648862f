/**
 * One request as its caller sees it, whatever number of attempts it takes. It is the controller that the caller's handler gets,
 * once and for all attempts, and the signal that ends the policies' calls.
 */
import type { Duplex } from 'node:stream'
import { CallerSignal, HedgeLostError, leave, timelineOf } from '@breakwater/kernel'
import type { Call, Waiting } from '@breakwater/kernel'
import { errors } from 'undici'
import type { Dispatcher } from 'undici'
import type { Outlet, Exchange, ResponseHeaders } from '../wire/exchange.js'
import type { Asked } from './asked.js'
import type { Control, Downstream, Head, Tail } from './downstream.js'
import { causeOf } from './attempt-failed-error.js'
import { endFailure, timeIsUp } from './failures.js'
import { HttpAttempt } from './http-attempt.js'
import { PlainAnswer } from './plain-answer.js'
import type { Service } from './service.js'
import type { Terms } from './terms.js'
import type { Turn } from './turn.js'

export class HttpCall extends CallerSignal implements Control, Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  readonly service: Service
  readonly options: Dispatcher.DispatchOptions
  readonly downstream: Downstream
  readonly terms: Terms
  readonly outlet: Outlet | undefined
  readonly isIdempotent: boolean
  readonly isReplayable: boolean
  readonly leavesRedirects: boolean
  /** The whole time, in milliseconds; `Infinity` without a limit. */
  readonly budgetMs: number
  /** When it is over, on the clock of the service. */
  readonly deadline: number
  readonly startedAt: number
  /** Ids of the instances that were asked. */
  tried: string[] | null = null
  /** Where policies may let it wait. */
  turn: Turn | null = null
  isOver = false
  paused = false
  override reason: Error | null = null
  /** Whether attempts run beside each other. */
  isHedged = false
  private isAborted = false
  private attempts = 0
  /** Those whose answer may still come or is kept. */
  private running: HttpAttempt[] | null = null
  private winner: HttpAttempt | null = null
  private kept: HttpAttempt[] | null = null

  constructor(service: Service, asked: Asked, budgetMs: number) {
    super()
    this.service = service
    this.options = asked.options
    this.downstream = asked.downstream
    this.terms = asked.terms
    this.outlet = asked.outlet
    this.isIdempotent = asked.isIdempotent
    this.isReplayable = asked.isReplayable
    this.leavesRedirects = asked.leavesRedirects
    this.budgetMs = budgetMs
    this.startedAt = service.clock.now()
    this.deadline = budgetMs === Infinity ? Infinity : this.startedAt + budgetMs
  }

  /** Whether no answer has been passed on, and the caller still waits. */
  get isOpen(): boolean {
    return !this.isOver && this.winner === null
  }

  get hasOthers(): boolean {
    return this.service.instanceCount > (this.tried?.length ?? 0)
  }

  get rawHeaders(): Dispatcher.DispatchController['rawHeaders'] {
    return this.winner?.exchange?.rawHeaders
  }

  get rawTrailers(): Dispatcher.DispatchController['rawTrailers'] {
    return this.winner?.exchange?.rawTrailers
  }

  get endError(): Error {
    return endFailure(this, this.reason ?? new errors.RequestAbortedError(), 'cancelled')
  }

  /** Whether an attempt has done its part with the headers; otherwise with the end of the body. */
  get settlesAtHead(): boolean {
    return this.isHedged || !this.terms.endsWithBody
  }

  /** Begins: the time runs from here. */
  start(): void {
    const { budgetMs, service } = this
    if (budgetMs !== Infinity && budgetMs > 0)
      timelineOf(service.clock).line(budgetMs).join(this, this.startedAt)
    service.run(this)
  }

  /** The whole time is over. */
  expire(): void {
    if (this.isOver) return
    const error = timeIsUp(this)
    if (this.winner === null) this.stop(error)
    else this.winner.exchange?.abort(causeOf(error))
  }

  /** What is to follow a first attempt that failed; undefined when that is the end. */
  goOn(error: Error): Promise<HttpAttempt> | undefined {
    return this.isOpen && !this.isHedged ? this.terms.goOn(this, error) : undefined
  }

  get lostError(): Error {
    return this.reason ?? new HedgeLostError('another attempt of the same request answered first')
  }

  /** Makes one more attempt; resolves when its answer has been passed on. */
  attempt(): Promise<HttpAttempt> {
    const number = ++this.attempts
    // A retry begins after all before it; a hedge may still have to fall back on one of those.
    if (!this.isHedged) this.dropKept()
    const attempt = new HttpAttempt(this, number)
    const promise = new Promise<HttpAttempt>((resolve, reject) => {
      attempt.resolve = resolve
      attempt.reject = reject
    })
    // Room for one: an empty list that grows takes room for many.
    if (this.running === null) this.running = [attempt]
    else this.running.push(attempt)
    attempt.begin(number === 1 && this.turn === null ? this.startedAt : this.service.clock.now())
    return promise
  }

  /** As `attempt`; the signal of `call` tells when another has answered first. */
  hedgedAttempt(call: Call): Promise<HttpAttempt> {
    const promise = this.attempt()
    const attempt = this.running?.at(-1)
    call.signal.addEventListener('abort', () => {
      attempt?.drop(this.lostError)
    })
    return promise
  }

  /** The policies made an end, and the answer has been passed on, unless a fallback made it. */
  succeeded(value: unknown): void {
    if (!this.isOpen || !(value instanceof PlainAnswer)) return
    this.stop(this.lostError)
    this.finish()
    value.giveTo(this.downstream, this)
  }

  /** The policies ended it without an answer to pass on; the failing one may be the best there is. */
  failed(error: unknown): void {
    if (!this.isOpen) return
    const answer = this.kept?.find((attempt) => attempt.error === error)
    this.stop(this.lostError, answer)
    if (answer !== undefined) answer.passOn()
    else this.fail(causeOf(error))
  }

  /** A failing answer came; it is given to the caller unless a better one comes. */
  keep(attempt: HttpAttempt): void {
    ;(this.kept ??= []).push(attempt)
  }

  passOn(attempt: HttpAttempt, exchange: Exchange): void {
    this.winner = attempt
    if (!this.terms.endsWithBody) leave(this)
    this.dropKept(attempt)
    if (this.paused) exchange.pause()
    this.downstream.head(this, exchange)
  }

  upgrade(attempt: HttpAttempt, head: Head, socket: Duplex): void {
    this.winner = attempt
    this.finish()
    this.downstream.upgrade(this, head, socket)
  }

  information(statusCode: number, headers: ResponseHeaders): void {
    this.downstream.information(this, statusCode, headers)
  }

  data(chunk: Buffer): void {
    if (!this.isOver) this.downstream.data(this, chunk)
  }

  end(tail: Tail): void {
    if (this.isOver) return
    this.finish()
    this.downstream.end(this, tail)
  }

  fail(error: Error): void {
    if (this.isOver) return
    this.finish()
    this.reason ??= error
    // Undici's `fetch` hears of no error in the turn of the headers, with which it may come in one piece.
    if (this.winner === null) this.downstream.error(this, error)
    else setImmediate(() => this.downstream.error(this, error))
  }

  /** The caller does not want it any more. */
  abort(reason?: Error): void {
    if (this.isOver) return
    const error = reason ?? new errors.RequestAbortedError()
    this.isAborted = true
    this.reason = error
    this.finish()
    this.stop(endFailure(this, error, 'cancelled'))
    this.turn?.leave(error)
    this.reason = error
    this.downstream.error(this, error)
  }

  pause(): void {
    this.paused = true
    this.winner?.exchange?.pause()
  }

  resume(): void {
    this.paused = false
    this.winner?.exchange?.resume()
  }

  private dropKept(winner?: HttpAttempt): void {
    if (this.kept === null) return
    for (const attempt of this.kept) if (attempt !== winner) attempt.drop(this.lostError)
    this.kept = null
  }

  private finish(): void {
    this.isOver = true
    leave(this)
  }

  // Ends all that still goes on: attempts, and the policies around them.
  private stop(error: Error, but?: HttpAttempt): void {
    for (const attempt of this.running ?? []) if (attempt !== but) attempt.drop(error)
    this.fire(error)
    // That was for the policies. The caller has not aborted unless he did.
    this.aborted = this.isAborted
    if (!this.isAborted) this.reason = null
  }
}
