/**
 * The engine over a dispatch that only pretends: attempts end as they are told, on a simulated clock. For tests only.
 */
import { createRuntime } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import type { Dispatcher } from 'undici'
import { createHttpClient } from '../http-client.js'
import type { HttpClient } from '../http-client.js'
import type { ServiceOptions } from './service-options.js'

/** How an attempt ends: after so long, with a status, or broken before or after its headers; `refused`: before anything was sent. */
export interface Script {
  readonly afterMs: number
  readonly how: 'refused' | 'reset' | 'cut' | 'never' | number
}

/** One attempt, as the transport saw it. */
export interface SeenAttempt {
  readonly origin: string
  readonly method: string
  readonly wasSent: boolean
  isOver: boolean
  abortedWith: Error | undefined
}

/** What a caller saw. */
export interface SeenCall {
  status: number | undefined
  body: string
  ends: number
  error: Error | undefined
  abort: (reason: Error) => void
}

export class PretendTransport {
  readonly clock: SimClock = new SimClock()
  readonly attempts: SeenAttempt[] = []
  readonly client: HttpClient
  private readonly send: Dispatcher.Dispatch
  private readonly scripts: readonly Script[]

  constructor(scripts: readonly Script[], instances: number, options: ServiceOptions = {}) {
    this.scripts = scripts
    this.client = createHttpClient({
      ...options,
      clock: this.clock,
      runtime: createRuntime(),
      services: {
        users: { instances: Array.from({ length: instances }, (_, at) => `http://10.0.0.${String(at + 1)}`) },
      },
    })
    this.send = this.client.interceptor()((sent, handler) => this.dispatch(sent, handler))
  }

  /** Makes a request; what comes of it is in the answer as soon as it comes. */
  ask(method: string, body?: string): SeenCall {
    const seen: SeenCall = { status: undefined, body: '', ends: 0, error: undefined, abort: () => undefined }
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: (controller) => {
        seen.abort = (reason) => {
          controller.abort(reason)
        }
      },
      onResponseStart: (_controller, status) => {
        seen.status = status
      },
      onResponseData: (_controller, chunk) => {
        seen.body += chunk.toString()
      },
      onResponseEnd: () => {
        seen.ends++
      },
      onResponseError: (_controller, error) => {
        seen.ends++
        seen.error = error
      },
    }
    this.send(
      { origin: 'http://users', path: '/', method: method, ...(body === undefined ? {} : { body }) },
      handler,
    )
    return seen
  }

  private dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { how, afterMs } = this.scripts[this.attempts.length % this.scripts.length] ?? {
      how: 200,
      afterMs: 0,
    }
    const seen: SeenAttempt = {
      origin: String(options.origin),
      method: options.method,
      wasSent: how !== 'refused',
      isOver: false,
      abortedWith: undefined,
    }
    this.attempts.push(seen)
    const wire = new PretendWire(seen, handler)
    const at = this.clock.now() + afterMs
    if (how !== 'refused') handler.onRequestStart?.(wire, {})
    if (how !== 'never') this.clock.io(at, () => wire.deliver(how, this.clock))
    return true
  }
}

/** The controller of one attempt, which holds back what comes while it is paused. */
class PretendWire implements Dispatcher.DispatchController {
  readonly rawHeaders: null = null
  readonly rawTrailers: null = null
  reason: Error | null = null
  paused = false
  private readonly held: (() => void)[] = []
  private readonly seen: SeenAttempt
  private readonly handler: Dispatcher.DispatchHandler

  constructor(seen: SeenAttempt, handler: Dispatcher.DispatchHandler) {
    this.seen = seen
    this.handler = handler
  }

  get aborted(): boolean {
    return this.reason !== null
  }

  abort(reason: Error): void {
    if (this.seen.isOver) return
    this.reason = reason
    this.seen.abortedWith = reason
    this.end(() => this.handler.onResponseError?.(this, reason))
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    while (!this.paused) {
      const next = this.held.shift()
      if (next === undefined) return
      next()
    }
  }

  deliver(how: Exclude<Script['how'], 'never'>, clock: SimClock): void {
    if (this.seen.isOver) return
    if (typeof how === 'string' && how !== 'cut') {
      this.end(() => this.handler.onResponseError?.(this, Object.assign(new Error(how), { code: how })))
      return
    }
    this.handler.onResponseStart?.(this, how === 'cut' ? 200 : how, {}, '')
    const status = String(how)
    this.later(() => this.handler.onResponseData?.(this, Buffer.from(status.slice(0, 1))))
    clock.io(clock.now() + 1, () => {
      this.later(() => {
        if (how === 'cut') this.end(() => this.handler.onResponseError?.(this, new Error('cut')))
        else {
          this.handler.onResponseData?.(this, Buffer.from(status.slice(1)))
          this.end(() => this.handler.onResponseEnd?.(this, {}))
        }
      })
    })
  }

  private later(step: () => void): void {
    if (this.seen.isOver) return
    if (this.paused) this.held.push(step)
    else step()
  }

  private end(step: () => void): void {
    if (this.seen.isOver) return
    this.seen.isOver = true
    step()
  }
}
