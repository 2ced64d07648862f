import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import type { Dispatcher } from 'undici'
import { describe, expect, test } from 'vitest'
import type { ExchangeLimits } from './exchange.js'
import { LegacyExchange } from './legacy-exchange.js'
import { ModernExchange } from './modern-exchange.js'
import type { Route } from './route.js'
import type { WireExchange } from './wire-exchange.js'
import { RecordingSink } from './wire.model.js'

/** A transport that keeps undici's promises, and says more than it should after an abort. */
class FakeTransport implements Route {
  readonly origin: undefined = undefined
  readonly breaking: undefined = undefined
  freedCount = 0
  wasAsked = false
  writes = 0
  aborts = 0
  /** After the end: they would concern another request. */
  strayResumes = 0
  isGone = false
  private state: 'queued' | 'sent' | 'answering' | 'done' = 'queued'
  private exchange: WireExchange | undefined

  send(exchange: WireExchange): void {
    this.wasAsked = true
    this.exchange = exchange
    exchange.isCarried = true
  }

  gaveUp(): void {
    this.isGone = true
  }

  freed(): void {
    this.freedCount++
  }

  step(event: string): void {
    const { exchange } = this
    if (exchange === undefined) return
    if (event === 'start' && this.state === 'queued') this.begin(exchange)
    else if (event === 'error') this.fail(exchange, new Error('transport'))
    else if (this.state === 'sent' && event.startsWith('head')) this.head(exchange, Number(event.slice(4)))
    else if (this.state === 'answering' && event === 'data') this.data(exchange)
    else if (this.state === 'answering' && event === 'end') this.end(exchange)
    else if (this.state === 'done' && this.aborts > 0 && event === 'data') this.data(exchange)
  }

  private begin(exchange: WireExchange): void {
    this.state = 'sent'
    const abort = (reason?: Error): void => {
      this.aborts++
      if (this.state !== 'done') this.fail(exchange, reason!)
    }
    if (exchange instanceof LegacyExchange) this.connect(exchange, abort)
    else (exchange as ModernExchange).onRequestStart(this.controller(abort), undefined)
    if (!exchange.isOver) this.writes++
  }

  // undici fails a request whose handler throws here.
  private connect(exchange: LegacyExchange, abort: (reason?: Error) => void): void {
    try {
      exchange.onConnect(abort)
    } catch (error) {
      this.aborts++
      this.fail(exchange, error as Error)
    }
  }

  private controller(abort: (reason?: Error) => void): Dispatcher.DispatchController {
    const resume = (): void => this.resumed()
    return {
      abort,
      pause: () => undefined,
      resume,
      aborted: false,
      paused: false,
      reason: null,
      rawHeaders: [],
    }
  }

  private resumed(): void {
    if (this.state === 'done') this.strayResumes++
  }

  private head(exchange: WireExchange, status: number): void {
    if (status >= 200) this.state = 'answering'
    if (exchange instanceof LegacyExchange) exchange.onHeaders(status, [], () => this.resumed(), '')
    else
      (exchange as ModernExchange).onResponseStart(
        this.controller(() => undefined),
        status,
        {},
        '',
      )
  }

  private data(exchange: WireExchange): void {
    const chunk = Buffer.alloc(40)
    if (exchange instanceof LegacyExchange) exchange.onData(chunk)
    else
      (exchange as ModernExchange).onResponseData(
        this.controller(() => undefined),
        chunk,
      )
  }

  private end(exchange: WireExchange): void {
    this.state = 'done'
    if (exchange instanceof LegacyExchange) exchange.onComplete([])
    else
      (exchange as ModernExchange).onResponseEnd(
        this.controller(() => undefined),
        {},
      )
  }

  private fail(exchange: WireExchange, error: Error): void {
    this.state = 'done'
    if (exchange instanceof LegacyExchange) exchange.onError(error)
    else (exchange as ModernExchange).onResponseError(null, error)
  }
}

const TRANSPORT = ['start', 'head103', 'head200', 'data', 'end', 'error']
const USER = ['abort', 'pause', 'resume', 'wait']
const events = fc.array(fc.constantFrom(...TRANSPORT, ...TRANSPORT, ...USER), { maxLength: 14 })
const limit = fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined })
const limitsOf = fc.record({
  headTimeoutMs: limit,
  bodyIdleTimeoutMs: limit,
  bodyTimeoutMs: limit,
  maxBodyBytes: limit,
  deadlineCoversBody: fc.boolean(),
})

type Make = (route: Route, sink: RecordingSink, limits: ExchangeLimits) => WireExchange

interface Play {
  readonly steps: readonly string[]
  readonly limits: Partial<ExchangeLimits>
  readonly deadlineMs: number | undefined
}

interface Run {
  /** How often it went on although its time was over. */
  readonly overruns: number
  readonly exchange: WireExchange
  readonly sink: RecordingSink
  readonly transport: FakeTransport
  readonly clock: SimClock
}

async function play(make: Make, { steps, limits, deadlineMs }: Play): Promise<Run> {
  let overruns = 0
  const timeOf = ({ hasHead }: WireExchange): number => {
    const wholeMs = hasHead && limits.deadlineCoversBody === false ? Infinity : (deadlineMs ?? Infinity)
    return Math.min(wholeMs, hasHead ? Infinity : (limits.headTimeoutMs ?? Infinity))
  }
  const clock = new SimClock()
  const transport = new FakeTransport()
  const sink = new RecordingSink()
  const exchange = make(transport, sink, { ...limits, clock })
  const now = clock.now()
  exchange.start({ path: '/', method: 'GET' }, now, deadlineMs === undefined ? undefined : now + deadlineMs)
  for (const step of steps) {
    if (step === 'abort') exchange.abort(new Error('abort'))
    else if (step === 'pause') exchange.pause()
    else if (step === 'resume') exchange.resume()
    else if (step === 'wait') await clock.advance(30)
    else transport.step(step)
    if (!exchange.isOver && clock.now() - now >= timeOf(exchange)) overruns++
  }
  // In the end the transport always says something.
  for (const step of ['start', 'error']) transport.step(step)
  return { exchange, sink, transport, clock, overruns }
}

describe.each([
  ['newer', (...args: Parameters<Make>) => new ModernExchange(...args)],
  ['older', (...args: Parameters<Make>) => new LegacyExchange(...args)],
] as const)('with handlers of the %s generation', (_name, make) => {
  const input = fc.record({ steps: events, limits: limitsOf, deadlineMs: limit })

  test('T4: whatever happens in whatever order, it ends once and says nothing after that', async () => {
    await fc.assert(
      fc.asyncProperty(input, async (run) => {
        const { exchange, sink, clock, transport } = await play(make, run)
        const heard = [...sink.heard]

        const ends = heard.filter((word) => word === 'end' || word === 'failure')
        expect(ends).toHaveLength(1)
        expect(heard.at(-1)).toBe(ends[0])
        expect(heard.filter((word) => word.startsWith('head')).length).toBeLessThanOrEqual(1)
        if (heard.includes('data') || heard.includes('end')) expect(heard[0]).toBe('head 200')
        expect(exchange.isOver).toBe(true)

        exchange.abort(new Error('too late'))
        exchange.pause()
        exchange.resume()
        await clock.advance(1_000)
        expect(sink.heard).toEqual(heard)
        expect(transport.strayResumes).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  test('P5: the transport gives its place back once, and what waits for time waits no longer', async () => {
    await fc.assert(
      fc.asyncProperty(input, async (run) => {
        const { exchange, transport } = await play(make, run)

        // One whose time was over before it was sent never had a place.
        expect(transport.freedCount).toBe(transport.wasAsked ? 1 : 0)
        expect(exchange.isCarried).toBe(false)
        expect([exchange.prev, exchange.next]).toEqual([null, null])
      }),
      { numRuns: 300 },
    )
  })

  test('R4: a failure is never-sent exactly when nothing was written', async () => {
    await fc.assert(
      fc.asyncProperty(input, async (run) => {
        const { exchange, sink, transport } = await play(make, run)

        if (sink.error === undefined) return
        expect(exchange.failureClass === 'never-sent').toBe(transport.writes === 0)
        expect(exchange.isSent).toBe(transport.writes > 0)
        expect(exchange.reason).toBe(sink.error)
        expect(exchange.failureKind).toBeDefined()
      }),
      { numRuns: 300 },
    )
  })

  test('E13: no more of a body is passed on than allowed, and no time limit is overrun', async () => {
    await fc.assert(
      fc.asyncProperty(input, async (run) => {
        const { sink, overruns } = await play(make, run)
        const { maxBodyBytes = Infinity } = run.limits

        expect(sink.body.length).toBeLessThanOrEqual(maxBodyBytes)
        expect(overruns).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})
