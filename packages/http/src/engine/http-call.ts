/**
 * One request as its caller sees it, whatever number of attempts it takes. It is the controller that the caller's handler gets,
 * once and for all attempts, and the signal that ends the policies' calls.
 */
import type { Duplex } from 'node:stream'
import { requestBudgetMs } from '@breakwater/command'
import { DeadlineExceededError, HedgeLostError } from '@breakwater/kernel'
import type { Call, CallerContext } from '@breakwater/kernel'
import { errors } from 'undici'
import type { Dispatcher } from 'undici'
import { IDEMPOTENCY_KEY, isIdempotent } from '../core/idempotency.js'
import { headerOf } from '../core/request-headers.js'
import type { RequestHeaders } from '../core/request-headers.js'
import type { Outlet, Exchange, ResponseHeaders } from '../wire/exchange.js'
import { AnswerControl } from './answer-control.js'
import { isReplayable } from './body.js'
import type { Dispatching } from './dispatching.js'
import type { Control, Downstream, Head, Tail } from './downstream.js'
import { causeOf } from './attempt-failed-error.js'
import { endFailure, timeIsUp } from './failures.js'
import { HttpAttempt } from './http-attempt.js'
import { passData, passHead } from './passing-on.js'
import type { PlainAnswer } from './plain-answer.js'
import type { Service } from './service.js'
import type { Terms } from './terms.js'
import type { Turn } from './turn.js'
import { watched, withWatchedBody } from './watched-body.js'

export class HttpCall extends AnswerControl implements Control {
  readonly service: Service
  readonly options: Dispatcher.DispatchOptions
  readonly downstream: Downstream
  readonly terms: Terms
  /** Where all attempts go; absent: to the pools of the client. */
  readonly outlet: Outlet | undefined
  /** Whether the caller follows redirects, and reads no body of theirs. */
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
  /** The caller's async context, kept where there may be more than one attempt: sockets are nobody's. */
  context: CallerContext | null = null
  isOver = false
  paused = false
  override reason: Error | null = null
  /** What the caller's body broke off with, or his handler threw. */
  callersError: Error | undefined = undefined
  /** Whether attempts run beside each other. */
  isHedged = false
  private isAborted = false
  /** The last attempt; each knows the one before it. */
  private last: HttpAttempt | null = null
  protected winner: HttpAttempt | null = null

  constructor(
    service: Service,
    options: Dispatcher.DispatchOptions,
    downstream: Downstream,
    { settings, outlet, leavesRedirects = false }: Dispatching,
  ) {
    super()
    this.service = service
    this.options = options.body ? withWatchedBody(options, this) : options
    this.downstream = downstream
    this.terms = service.termsFor(settings)
    this.outlet = outlet
    this.leavesRedirects = leavesRedirects
    // The shorter of what the request and the one that is being served have.
    this.budgetMs = Math.min(this.terms.options.timeoutMs, requestBudgetMs())
    this.startedAt = service.clock.now()
    this.deadline = this.startedAt + this.budgetMs
  }

  /** Whether it may be done twice. Only where it matters are the headers searched. */
  get isIdempotent(): boolean {
    const { method, headers, upgrade } = this.options
    if (Boolean(upgrade) || method === 'CONNECT') return false
    const { idempotent } = this.terms.options
    if (isIdempotent(method, idempotent, false)) return true
    return idempotent === undefined && headerOf(headers as RequestHeaders, IDEMPOTENCY_KEY) !== undefined
  }

  /** Whether its body can be sent again. */
  get isReplayable(): boolean {
    const { body, options } = this.terms
    return body !== undefined || isReplayable(this.options.body, options.maxReplayBytes)
  }

  /** Whether no answer has been passed on, and the caller still waits. */
  get isOpen(): boolean {
    return !this.isOver && this.winner === null
  }

  get hasOthers(): boolean {
    return this.service.instanceCount > (this.tried?.length ?? 0)
  }

  get endError(): Error {
    return endFailure(this, this.reason ?? new errors.RequestAbortedError(), 'cancelled')
  }

  /** Whether an attempt has done its part with the headers; otherwise with the end of the body. */
  get settlesAtHead(): boolean {
    return this.isHedged || !this.terms.endsWithBody
  }

  get lostError(): Error {
    return this.reason ?? new HedgeLostError('another attempt of the same request answered first')
  }

  /** Makes one more attempt; resolves when its answer has been passed on. */
  attempt(): Promise<HttpAttempt> {
    // A retry begins after all before it; a hedge may still have to fall back on one of those.
    if (!this.isHedged) this.dropKept()
    const attempt = new HttpAttempt(this, this.last)
    const isAtOnce = this.last === null && this.turn === null
    this.last = attempt
    const promise = attempt.promise()
    attempt.begin(isAtOnce ? this.startedAt : this.service.clock.now())
    return promise
  }

  /** As `attempt`; the signal of `call` tells when another has answered first. */
  hedgedAttempt(call: Call): Promise<HttpAttempt> {
    const promise = this.attempt()
    const attempt = this.last
    call.signal.addEventListener('abort', () => {
      attempt?.drop(this.lostError)
    })
    return promise
  }

  /** A fallback answers. */
  answer(instead: PlainAnswer): void {
    if (!this.isOpen) return
    this.stop(this.lostError)
    this.isOver = true
    instead.giveTo(this.downstream, this)
  }

  /** The policies ended it without an answer to pass on; the failing one may be the best there is. */
  failed(error: unknown): void {
    if (!this.isOpen) return
    let answer = this.last
    while (answer !== null && !(answer.isKept && answer.error === error)) answer = answer.before
    // The policies may see first that the time is over; an instance that was asked has not answered in it all the same.
    this.stop(error instanceof DeadlineExceededError ? timeIsUp(this) : this.lostError, answer)
    if (answer !== null) answer.passOn()
    else this.fail(causeOf(error))
  }

  passOn(attempt: HttpAttempt, exchange: Exchange): void {
    this.winner = attempt
    this.dropKept()
    if (this.paused) exchange.pause()
    passHead(this, exchange)
  }

  upgrade(attempt: HttpAttempt, head: Head, socket: Duplex): void {
    this.winner = attempt
    this.isOver = true
    try {
      this.downstream.upgrade(this, head, socket)
    } catch (error) {
      socket.destroy()
      this.downstream.error(this, error as Error)
    }
  }

  information(exchange: Exchange, statusCode: number, headers: ResponseHeaders): void {
    this.during(exchange, () => this.downstream.information(this, statusCode, headers))
  }

  data(chunk: Buffer): void {
    if (!this.isOver) passData(this, chunk)
  }

  end(tail: Tail): void {
    if (this.isOver) return
    this.isOver = true
    try {
      this.downstream.end(this, tail)
    } catch (error) {
      // As undici does it: its own retries throw here what they go on from.
      this.reason ??= error as Error
      this.downstream.error(this, error as Error)
    }
  }

  fail(error: Error): void {
    if (this.isOver) return
    this.isOver = true
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
    this.isOver = true
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

  /** A body of the caller, whose own errors are told apart from those of others. */
  watch<T>(body: T): T {
    return watched(body, (error) => (this.callersError = error))
  }

  private dropKept(): void {
    for (let attempt = this.last; attempt !== null; attempt = attempt.before)
      if (attempt.isKept) attempt.drop(this.lostError)
  }

  // Ends all that still goes on: attempts, and the policies around them.
  private stop(error: Error, but: HttpAttempt | null = null): void {
    for (let attempt = this.last; attempt !== null; attempt = attempt.before)
      if (attempt !== but) attempt.drop(error)
    this.fire(error)
    // That was for the policies. The caller has not aborted unless he did.
    this.aborted = this.isAborted
    if (!this.isAborted) this.reason = null
  }
}
