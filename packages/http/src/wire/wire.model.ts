/** What the tests of the wire level share: a sink that writes down what it hears, and outlets of every undici that we support. */
import { systemClock } from '@breakwater/kernel'
import type { MonotonicMs } from '@breakwater/kernel'
import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { Agent as Agent7300 } from 'undici-7-30-0'
import { Agent as Agent8 } from 'undici-8'
import { Agent as Agent80 } from 'undici-8-0'
import { onTestFinished } from 'vitest'
import { dispatchOutlet, legacyOutlet } from './dispatch-outlet.js'
import type { Exchange, ExchangeLimits, ExchangeSink, Outlet } from './exchange.js'
import { InstancePool } from './instance-pool.js'
import { resolvePools } from './pool-options.js'
import type { PoolOptions } from './pool-options.js'

/** Writes down what it hears: `head 200`, `data`, `end`, `failure`. */
export class RecordingSink implements ExchangeSink {
  readonly heard: string[] = []
  readonly ended: Promise<this>
  error: Error | undefined = undefined
  body = ''
  protected report: () => void = () => undefined

  constructor() {
    this.ended = new Promise((resolve) => {
      this.report = () => resolve(this)
    })
  }

  onHead(exchange: Exchange): void {
    this.heard.push(`head ${String(exchange.statusCode)}`)
  }

  onData(_exchange: Exchange, chunk: Buffer): void {
    this.heard.push('data')
    this.body += chunk.toString('latin1')
  }

  onEnd(): void {
    this.heard.push('end')
    this.report()
  }

  onFailure(_exchange: Exchange, error: Error): void {
    this.heard.push('failure')
    this.error = error
    this.report()
  }
}

export interface TestOutlet {
  readonly name: string
  /** Makes an outlet to the origin; it is gone when the test is over. */
  make(origin: string, connections?: number): Outlet
}

type AnyAgent = new (options: { connections?: number | null }) => {
  compose(interceptor: (dispatch: Dispatcher.Dispatch) => Dispatcher.Dispatch): unknown
  destroy(): Promise<void>
}

function through(name: string, type: unknown, outletOf = dispatchOutlet): TestOutlet {
  return {
    name: `undici ${name}`,
    make: (_origin, connections) => {
      const agent = new (type as AnyAgent)({ connections: connections ?? null })
      onTestFinished(() => agent.destroy())
      let dispatch: Dispatcher.Dispatch | undefined
      agent.compose((inner) => {
        dispatch = inner
        return (options, handler) => inner(options, handler)
      })
      return outletOf(dispatch!)
    },
  }
}

/** An exchange behaves the same on each of them. */
export const OUTLETS: readonly TestOutlet[] = [
  { name: 'our pool', make: (origin, connections) => testPool(origin, { connections }) },
  through('7.30.2', Agent),
  through('7.30.0', Agent7300),
  through('7.30.2, raw', Agent, legacyOutlet),
  through('7.30.0, raw', Agent7300, legacyOutlet),
  through('8.0', Agent80),
  through('8.latest', Agent8),
]

export function testPool(origin: string, options: PoolOptions = {}, servername?: string): InstancePool {
  const pool = new InstancePool(origin, servername, resolvePools(options))
  onTestFinished(() => pool.destroy())
  return pool
}

export interface Sent {
  readonly exchange: Exchange
  readonly sink: RecordingSink
}

export interface Request extends Partial<Dispatcher.DispatchOptions> {
  readonly origin: string
}

export interface SendOptions extends Partial<ExchangeLimits> {
  readonly sink?: RecordingSink
  /** From now. */
  readonly deadlineMs?: number
}

/** Opens an exchange and starts it. */
export function send(outlet: Outlet, request: Request, options: SendOptions = {}): Sent {
  const { sink = new RecordingSink(), deadlineMs, clock = systemClock, ...limits } = options
  const exchange = outlet.open(sink, { clock, ...limits })
  const now = clock.now()
  const deadline = deadlineMs === undefined ? undefined : ((now + deadlineMs) as MonotonicMs)
  exchange.start({ path: '/', method: 'GET', ...request }, now, deadline)
  return { exchange, sink }
}
