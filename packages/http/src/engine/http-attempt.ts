/**
 * One attempt of a request: an instance is chosen, asked, and told of how it went. Nothing is passed on before the final
 * headers are here and are ones to pass on.
 */
import type { Duplex } from 'node:stream'
import { endedAs } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import type { FailureOrigin, Pick } from '@breakwater/discovery-client'
import { originOfStatus } from '../core/verdict.js'
import type { Exchange, ExchangeSink, Outlet, ResponseHeaders } from '../wire/exchange.js'
import { causeOf } from './attempt-failed-error.js'
import { tellBeforeAnswer, tellSent, tellStarted } from './before-answer.js'
import { drain, isUnread } from './draining.js'
import type { Draining } from './draining.js'
import { answerFailure, bodyFailure, mayMoveOn, outcomeOf, timeIsUp, transportFailure } from './failures.js'
import { NO_TRAILERS } from './downstream.js'
import type { HttpCall } from './http-call.js'
import { KeptAnswer } from './kept-answer.js'
import { originOf } from './outgoing.js'
import { DROPPED, KEPT, PASSED_ON, WAITING } from './phase.js'
import { giveUpUnsent } from './watched-body.js'

export class HttpAttempt implements ExchangeSink {
  exchange: Exchange | null = null
  /** Why it failed. */
  error: Error | null = null
  /** The attempt of the same request that began before this one. */
  readonly before: HttpAttempt | null
  private readonly call: HttpCall
  private readonly number: number
  private resolve: ((attempt: HttpAttempt | Promise<HttpAttempt>) => void) | undefined = undefined
  private reject: ((error: Error) => void) | undefined = undefined
  private pick: Pick | null = null
  private phase: number = WAITING
  private startedAt = 0
  private latencyMs: number | undefined = undefined
  private kept: KeptAnswer | null = null
  private draining: Draining | null = null
  private repicks = 0

  constructor(call: HttpCall, before: HttpAttempt | null) {
    this.call = call
    this.before = before
    this.number = before === null ? 1 : before.number + 1
  }

  /** Whether its answer is a failing one, which the caller gets if there is no better one. */
  get isKept(): boolean {
    return this.phase === KEPT
  }

  /** Resolves when it has done its part, or rejects. */
  promise(): Promise<HttpAttempt> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  /** Chooses where to go, and goes; the promise of the attempt hears of everything that goes wrong. */
  begin(now: number): void {
    const { call } = this
    try {
      if (call.isOver) throw call.endError
      if (call.deadline <= now) throw timeIsUp(call)
      const outlet = this.choose()
      this.startedAt = now
      const exchange = outlet.open(this, call.terms.limits)
      this.exchange = exchange
      const options = call.terms.outgoing.of(call, this.number, now, this.pick?.instance)
      exchange.start(options, now, call.deadline)
    } catch (error) {
      this.refuse(error as Error)
    }
  }

  /** Resolves or rejects with the end of the body; undefined when that has come already. */
  bodyEnd(): Promise<HttpAttempt> | undefined {
    return this.exchange?.isOver === false && this.phase === PASSED_ON ? this.promise() : undefined
  }

  /** The kept answer is the one that the caller gets after all. */
  passOn(): void {
    const { exchange, kept, call } = this
    if (exchange === null || kept === null || this.phase !== KEPT) return
    this.phase = PASSED_ON
    try {
      kept.giveTo(call, this)
    } catch (error) {
      exchange.abort(error as Error)
      call.fail(error as Error)
      return
    }
    if (exchange.isOver) call.end(exchange)
    else if (!call.paused) exchange.resume()
  }

  /** Nobody wants what comes. */
  drop(error: Error): void {
    const wasKept = this.phase === KEPT
    if (this.phase === DROPPED) return
    this.phase = DROPPED
    this.kept = null
    this.tell(endedAs(error) === 'timeout' ? 'timeout' : 'cancelled')
    if (wasKept) this.draining = drain(this.exchange, this.call)
    else this.exchange?.abort(causeOf(error))
    this.refuse(error)
  }

  onHead(exchange: Exchange): void {
    const { call } = this
    if (this.phase !== WAITING) return
    if (!call.isOpen) {
      this.drop(call.lostError)
      return
    }
    this.latencyMs = this.pick === null ? undefined : call.service.clock.now() - this.startedAt
    const verdict = call.terms.judge(exchange)
    if (verdict === 'failure') {
      this.keep(exchange)
      return
    }
    this.phase = PASSED_ON
    if (this.latencyMs !== undefined)
      call.service.further.pace?.heard(this.latencyMs, this.startedAt + this.latencyMs)
    if (verdict === 'ignored' || !call.terms.endsWithBody) this.tell(verdict)
    call.passOn(this, exchange)
    if (isUnread(call, exchange)) this.leaveBody()
    else if (call.settlesAtHead) this.resolve?.(this)
  }

  onData(_exchange: Exchange, chunk: Buffer): void {
    if (this.phase === PASSED_ON) this.call.data(chunk)
    else if (this.kept !== null) this.kept.take(chunk)
    else this.draining?.take(chunk)
  }

  onEnd(exchange: Exchange): void {
    this.draining?.end()
    this.tell('success')
    if (this.phase !== PASSED_ON) return
    this.call.end(exchange)
    this.resolve?.(this)
  }

  onFailure(exchange: Exchange, error: Error): void {
    this.draining?.end()
    giveUpUnsent(this.call, exchange)
    if (this.phase === WAITING) this.failed(exchange, error)
    else if (this.phase === PASSED_ON) {
      this.tell(outcomeOf(this.call, exchange, error), 'local')
      this.call.fail(error)
      this.refuse(bodyFailure(this.call, exchange, error))
    }
  }

  onInformation(exchange: Exchange, statusCode: number, headers: ResponseHeaders): void {
    tellBeforeAnswer(this.call, () => this.call.information(exchange, statusCode, headers))
  }

  onUpgrade(exchange: Exchange, statusCode: number, headers: ResponseHeaders, socket: Duplex): void {
    if (this.phase !== WAITING || !this.call.isOpen) {
      socket.destroy()
      return
    }
    this.phase = PASSED_ON
    this.tell('ignored')
    const { rawHeaders, statusText } = exchange
    this.call.upgrade(this, { statusCode, headers, rawHeaders, statusText }, socket)
    this.resolve?.(this)
  }

  onBodySent(_exchange: Exchange, chunk: unknown): void {
    tellBeforeAnswer(this.call, (downstream) => downstream.bodySent(chunk))
  }

  onRequestSent(): void {
    tellBeforeAnswer(this.call, tellSent)
  }

  onResponseStarted(): void {
    tellBeforeAnswer(this.call, tellStarted)
  }

  // Any instance but those that were asked before. One that nobody can say how to call is one that failed.
  private choose(): Outlet {
    const { service, outlet } = this.call
    this.pick = service.pick(this.call)
    const instance = this.pick?.instance
    try {
      if (instance !== undefined) originOf(instance)
      return outlet ?? service.outletOf(instance)
    } catch (error) {
      this.tell('failure', 'local')
      if (!this.mayRepick()) throw error
      this.repicks++
      return this.choose()
    }
  }

  private keep(exchange: Exchange): void {
    this.phase = KEPT
    this.kept = new KeptAnswer(exchange)
    this.tell('failure', originOfStatus(exchange.statusCode))
    this.refuse(answerFailure(this.call, exchange))
  }

  private failed(exchange: Exchange, error: Error): void {
    const { call } = this
    this.tell(outcomeOf(call, exchange, error), 'local')
    if (mayMoveOn(call, exchange, error) && this.mayRepick()) {
      this.repicks++
      call.context?.runInAsyncScope(this.begin, this, call.service.clock.now())
      return
    }
    this.refuse(transportFailure(call, exchange, error))
  }

  // What never left may go elsewhere at once, and counts as the same attempt.
  private mayRepick(): boolean {
    const { call } = this
    return this.repicks < call.terms.maxRepicks && call.isOpen && call.hasOthers
  }

  // The caller has all that he wants of it.
  private leaveBody(): void {
    this.phase = DROPPED
    this.tell('success')
    this.call.end(NO_TRAILERS)
    this.resolve?.(this)
    this.draining = drain(this.exchange, this.call)
  }

  private tell(kind: OutcomeKind, origin?: FailureOrigin): void {
    const { pick } = this
    if (pick === null) return
    this.pick = null
    pick.done(kind, kind === 'success' ? this.latencyMs : undefined, origin)
  }

  private refuse(error: Error): void {
    const { reject, resolve, call } = this
    this.reject = undefined
    if (reject === undefined) return
    this.error = error
    const more = this.number === 1 ? call.terms.goOn(call, error) : undefined
    if (more === undefined) reject(error)
    else resolve?.(more)
  }
}
