/**
 * The state of one exchange, whatever generation of undici's handlers carries it: see `modern-exchange.ts` and
 * `legacy-exchange.ts`. One object per attempt serves as handler, as controller and as the one who waits in a deadline line.
 */
import type { Duplex } from 'node:stream'
import { CallTimeoutError, DeadlineExceededError, leave, timelineOf } from '@breakwater/kernel'
import type { MonotonicMs, Waiting } from '@breakwater/kernel'
import { errors } from 'undici'
import type { Dispatcher } from 'undici'
import { isWholeAnyway } from '../core/bodiless.js'
import { failureClassOf } from '../core/failure-class.js'
import type { FailureClass } from '../core/failure-class.js'
import { redactToOrigin } from '../core/redaction.js'
import { IdleWatch } from './idle-watch.js'
import type { Exchange, ExchangeLimits, ExchangeSink, FailureKind, ResponseHeaders } from './exchange.js'
import type { Route } from './route.js'
import { ResponseTooLargeError } from './wire-errors.js'

type RawHeaders = NonNullable<Dispatcher.DispatchController['rawHeaders']> | null

export abstract class WireExchange implements Exchange, Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined

  paused = false
  isSent = false
  hasHead = false
  isOver = false
  reason: Error | null = null
  failureClass: FailureClass = 'never-sent'
  failureKind: FailureKind | undefined = undefined
  statusCode = 0
  statusText = ''
  rawHeaders: RawHeaders = null
  rawTrailers: RawHeaders = null
  bodyBytes = 0
  context: unknown = undefined
  /** The transport has it. */
  isCarried = false

  protected readonly sink: ExchangeSink
  private readonly limits: ExchangeLimits
  private readonly route: Route
  options: Dispatcher.DispatchOptions | undefined = undefined
  private deadline: MonotonicMs | undefined = undefined
  private waitsForHead = false
  private idle: IdleWatch | undefined = undefined

  constructor(route: Route, sink: ExchangeSink, limits: ExchangeLimits) {
    this.route = route
    this.sink = sink
    this.limits = limits
  }

  abstract get headers(): ResponseHeaders
  abstract get trailers(): ResponseHeaders

  get aborted(): boolean {
    return this.reason !== null
  }

  start(options: Dispatcher.DispatchOptions, now: MonotonicMs, deadline?: MonotonicMs): void {
    if (this.isOver) return
    this.options = options
    this.deadline = deadline
    const headMs = this.limits.headTimeoutMs ?? Infinity
    // By when they end: what is left of the whole time is rounded, so equal times would not be equal.
    this.waitsForHead = now + headMs < (deadline ?? Infinity)
    const waitMs = this.waitsForHead ? headMs : (deadline ?? Infinity) - now
    if (waitMs <= 0) {
      this.expire()
      return
    }
    if (waitMs !== Infinity) timelineOf(this.limits.clock).line(waitMs).join(this, now)
    this.route.send(this, options)
  }

  abort(reason?: Error | null): void {
    this.end(reason ?? new errors.RequestAbortedError(), 'aborted')
  }

  pause(): void {
    if (this.paused) return
    this.paused = true
    this.idle?.rest()
    if (!this.isOver) this.pauseTransport()
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    // After the end its connection may already serve another.
    if (this.isOver) return
    this.idle?.begin()
    this.resumeTransport()
  }

  /** The route refuses it: nothing was sent. */
  reject(error: Error): void {
    this.end(error, 'rejected')
  }

  /** Its time is over. */
  expire(): void {
    const { waitsForHead, deadline, limits } = this
    if (waitsForHead && this.hasHead) this.waitForBody()
    else if (waitsForHead) this.timeOut(`no response headers within ${String(limits.headTimeoutMs)} ms`)
    else if (deadline !== undefined && (this.at === undefined || this.at >= deadline)) {
      this.end(new DeadlineExceededError(this.describe('not finished when the time was over')), 'timeout')
    } else this.timeOut(`the body did not end within ${String(limits.bodyTimeoutMs)} ms`)
  }

  /** Ends it for want of progress. */
  timeOut(what: string): void {
    this.end(new CallTimeoutError(this.describe(what)), 'timeout')
  }

  /** @returns whether it still wants to be written; otherwise the transport is to drop it */
  protected takeStart(context: unknown): boolean {
    if (this.isOver) return false
    this.context = context
    this.isSent = true
    this.sink.onStart?.(this)
    return !this.isOver
  }

  protected takeHead(statusCode: number, statusText: string): void {
    if (this.isOver) return
    if (statusCode < 200) {
      this.sink.onInformation?.(this, statusCode, this.headers, statusText)
      return
    }
    this.hasHead = true
    this.statusCode = statusCode
    this.statusText = statusText
    this.boundBody()
    this.sink.onHead(this)
  }

  protected takeChunk(chunk: Buffer): void {
    if (this.isOver) return
    this.bodyBytes += chunk.length
    const { maxBodyBytes } = this.limits
    if (maxBodyBytes !== undefined && this.bodyBytes > maxBodyBytes) {
      const message = this.describe(`the body is larger than ${String(maxBodyBytes)} bytes`)
      this.end(new ResponseTooLargeError(message, { limitBytes: maxBodyBytes }), 'limit')
      return
    }
    if (!this.paused) this.idle?.begin()
    this.sink.onData(this, chunk)
  }

  protected takeEnd(): void {
    const { breaking } = this.route
    this.free()
    if (breaking === undefined && this.hasHead) this.complete()
    // Without headers undici 7's own retries end it, below ours, where some came that were not final.
    else this.end(breaking ?? new Error(this.describe('the answer ended without headers')), 'transport')
  }

  takeFailure(error: Error): void {
    this.free()
    if (isWholeAnyway(this.statusCode, error)) this.complete()
    else this.end(error, 'transport')
  }

  protected takeUpgrade(statusCode: number, socket: Duplex): void {
    socket.once('close', () => this.free())
    if (this.isOver || this.sink.onUpgrade === undefined) {
      socket.destroy()
      this.end(new Error(this.describe(`nobody asked for the answer ${String(statusCode)}`)), 'transport')
      return
    }
    this.settle()
    this.sink.onUpgrade(this, statusCode, this.headers, socket)
  }

  /** Tells the transport to stop; called once, and only while it has the exchange. */
  protected abstract abortTransport(reason: Error): void
  protected abstract pauseTransport(): void
  protected abstract resumeTransport(): void

  private complete(): void {
    if (this.isOver) return
    this.settle()
    try {
      this.sink.onEnd(this)
    } catch (error) {
      this.mark(error as Error, 'transport')
      this.sink.onFailure(this, error as Error)
    }
  }

  /** From the headers on other limits hold. */
  private boundBody(): void {
    const { clock, bodyTimeoutMs, bodyIdleTimeoutMs, deadlineCoversBody } = this.limits
    if (deadlineCoversBody === false) this.deadline = undefined
    if (bodyTimeoutMs !== undefined) {
      leave(this)
      this.waitForBody(bodyTimeoutMs)
    } else if (!this.waitsForHead && this.deadline === undefined) leave(this)
    if (bodyIdleTimeoutMs !== undefined) {
      this.idle = new IdleWatch(this, clock, bodyIdleTimeoutMs)
      if (!this.paused) this.idle.begin()
    }
  }

  // When the time for the headers is over; most bodies have ended by then, and need no wait of their own.
  private waitForBody(bodyTimeoutMs: number = Infinity): void {
    const { clock } = this.limits
    this.waitsForHead = false
    if (this.deadline === undefined && bodyTimeoutMs === Infinity) return
    const now = clock.now()
    const waitMs = Math.max(0, Math.min((this.deadline ?? Infinity) - now, bodyTimeoutMs))
    timelineOf(clock).line(waitMs).join(this, now)
  }

  private end(error: Error, kind: FailureKind): void {
    if (this.isOver) return
    this.settle()
    this.mark(error, kind)
    this.route.gaveUp(this)
    if (this.isCarried) this.abortTransport(error)
    this.sink.onFailure(this, error)
  }

  private mark(error: Error, kind: FailureKind): void {
    this.reason = error
    this.failureKind = kind
    this.failureClass = failureClassOf(error, this.isSent, this.hasHead)
  }

  private settle(): void {
    this.isOver = true
    leave(this)
    this.idle?.rest()
  }

  private free(): void {
    if (!this.isCarried) return
    this.isCarried = false
    this.route.freed(this)
  }

  private describe(what: string): string {
    const origin = this.route.origin ?? this.options?.origin
    return `${String(this.options?.method)} ${origin === undefined ? '' : `${redactToOrigin(origin)}: `}${what}`
  }
}
