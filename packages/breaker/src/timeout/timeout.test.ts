import { CallTimeoutError, onInternalError, pipeline } from '@breakwater/kernel'
import type { Call, Cancel, Clock } from '@breakwater/kernel'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { constant } from '../backoff/backoff.js'
import { Retry } from '../retry/retry.js'
import { Timeout } from './timeout.js'

const never = (): Promise<never> => new Promise(() => undefined)

describe('a timeout', () => {
  it('ends a call that takes too long, with an error that says so', async () => {
    const clock = new SimClock()
    const outcome = new Timeout({ timeoutMs: 250, clock }).outcome(never)

    await clock.advance(250)

    const ended = await outcome
    expect(ended.kind).toBe('timeout')
    const error: unknown = ended.kind === 'success' ? undefined : ended.error
    expect(error).toBeInstanceOf(CallTimeoutError)
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', status: 504, message: 'no answer within 250 ms' })
  })

  it.each([
    [249, 'success'],
    [250, 'success'],
    [251, 'timeout'],
  ])('T1 T2: an answer after %i of 250 ms is a %s', async (afterMs, kind) => {
    const clock = new SimClock()
    const dependency = createScriptedDependency<string>({
      clock,
      script: [{ afterMs, value: 'x', ignoreAbort: true }],
    })
    const outcome = new Timeout({ timeoutMs: 250, clock }).outcome(dependency.run)

    await clock.advance(1_000)

    expect((await outcome).kind).toBe(kind)
  })

  it('gives each attempt its own time inside of a retry, and all of them one time outside of it', async () => {
    const clock = new SimClock()
    const ends: number[] = []
    const run = async (stack: { outcome: Timeout['outcome'] }): Promise<void> => {
      const began = clock.now()
      await stack.outcome(never)
      ends.push(clock.now() - began)
    }
    const retry = (): Retry => new Retry({ maxRetries: 2, backoff: constant({ ms: 10 }), clock })

    void run(pipeline(retry(), new Timeout({ timeoutMs: 50, clock })))
    void run(pipeline(new Timeout({ timeoutMs: 50, clock }), retry()))
    await clock.advance(1_000)

    expect(ends).toEqual([50, 170])
  })

  it('T4: drops a late answer and a late failure, of which nobody hears', async () => {
    const clock = new SimClock()
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    const script = [
      { afterMs: 100, value: 'late', ignoreAbort: true },
      { afterMs: 100, error: new Error('late'), ignoreAbort: true },
    ]
    const dependency = createScriptedDependency<string>({ clock, script })
    const timeout = new Timeout({ timeoutMs: 10, clock })

    const outcomes = [timeout.outcome(dependency.run), timeout.outcome(dependency.run)]
    await clock.advance(200)
    process.off('unhandledRejection', note)

    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(['timeout', 'timeout'])
    expect(dependency.running).toBe(0)
    expect(unhandled).toEqual([])
  })

  it('cancels work that watches its signal', async () => {
    const clock = new SimClock()
    const dependency = createScriptedDependency<string>({ clock, script: [{ never: true }] })

    const outcome = new Timeout({ timeoutMs: 10, clock }).outcome(dependency.run)
    await clock.advance(10)

    expect((await outcome).kind).toBe('timeout')
    expect(dependency.calls).toEqual([{ args: [], startedAt: 0, endedAt: 10, aborted: true }])
  })

  it('counts and tells each attempt that ran out of time', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 10, clock })
    const events: unknown[] = []
    const unsubscribe = timeout.on('timeout', (event) => events.push(event))
    const run = async (): Promise<void> => {
      const outcome = timeout.outcome(never)
      await clock.advance(10)
      await outcome
    }

    await run()
    unsubscribe()
    await run()

    expect(timeout.expirations).toBe(2)
    expect(events).toEqual([{ timeoutMs: 10 }])
  })

  it('survives a listener that throws', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 10, clock })
    const reported: string[] = []
    const unsubscribe = onInternalError((_error, where) => reported.push(where))
    timeout.on('timeout', () => {
      throw new Error('listener')
    })

    const outcomes = [timeout.outcome(never), timeout.outcome(never)]
    await clock.advance(10)
    unsubscribe()

    expect(reported).toHaveLength(2)

    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(['timeout', 'timeout'])
  })

  it('update holds for attempts that start from then on', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 100, clock })
    const ends: [string, number][] = []
    const run = async (name: string): Promise<void> => {
      await timeout.outcome(never)
      ends.push([name, clock.now()])
    }

    void run('before')
    timeout.update({ timeoutMs: 20 })
    void run('after')
    await clock.advance(200)

    expect(ends).toEqual([
      ['after', 20],
      ['before', 100],
    ])
    expect(timeout.timeoutMs).toBe(20)
  })

  it('work under way is told the time that it will be ended by, whatever the limit is by then', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 100, clock })
    let running: Call | undefined
    const outcome = timeout.outcome((call) => {
      running = call
      return never()
    })

    await clock.advance(10)
    timeout.update({ timeoutMs: 20 })

    expect([running?.deadline, running?.remainingMs()]).toEqual([100, 90])

    await clock.advance(90)

    expect(await outcome).toMatchObject({ kind: 'timeout' })
  })

  it.each<[unknown, string]>([
    [{}, 'timeoutMs'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: -1 }, 'timeoutMs'],
    [{ timeoutMs: NaN }, 'timeoutMs'],
    [{ timeoutMs: Infinity }, 'timeoutMs'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs'],
    [{ timeoutMs: '5' }, 'timeoutMs'],
    [{ timeoutMs: 5, tiemoutMs: 5 }, 'tiemoutMs'],
    [{ timeoutMs: 5, clock: { now: () => 0 } }, 'clock'],
  ])('refuses %o, and so does its update', (options, path) => {
    const refusal = expect.objectContaining({
      code: 'ERR_INVALID_OPTIONS',
      issues: [expect.objectContaining({ path }) as object],
    }) as Error
    expect(() => new Timeout(options as never)).toThrow(refusal)

    const timeout = new Timeout({ timeoutMs: 7 })
    expect(() => timeout.update(options as never)).toThrow()
    expect(timeout.timeoutMs).toBe(7)
  })
})

describe('the time of a timeout, when the loop stalls', () => {
  it('T2: an answer that came meanwhile wins over a timer that fires late', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 50, clock })
    const dependency = createScriptedDependency<string>({
      clock,
      script: [{ afterMs: 49, value: 'in time' }],
    })

    const outcomes = Array.from({ length: 50 }, () => timeout.outcome(dependency.run))
    clock.stall(2_000)
    await clock.flush()

    expect((await Promise.all(outcomes)).every(({ kind }) => kind === 'success')).toBe(true)
    expect(timeout.expirations).toBe(0)
  })

  it('T2: the whole time is forgiven just so', async () => {
    const clock = new SimClock()
    const dependency = createScriptedDependency<string>({
      clock,
      script: [{ afterMs: 49, value: 'in time' }],
    })
    const stack = pipeline(new Timeout({ timeoutMs: 50, clock }), new Bulkhead({ clock }))

    const outcome = stack.outcome(dependency.run)
    clock.stall(2_000)
    await clock.flush()

    expect((await outcome).kind).toBe('success')
  })

  it('T1: work that gives no answer ends when half of the time that the stall took is over', async () => {
    const clock = new SimClock()
    const ends: number[] = []
    void new Timeout({ timeoutMs: 50, clock }).outcome(never).then(() => ends.push(clock.now()))

    clock.stall(2_000)
    await clock.advance(100)

    expect(ends).toEqual([2_025])
  })

  it('T1: a call that starts after the stall has its whole time', async () => {
    const clock = new SimClock()
    const timeout = new Timeout({ timeoutMs: 50, clock })
    const ends: number[] = []
    void timeout.outcome(never).then(() => ends.push(clock.now()))
    clock.stall(60)
    void timeout.outcome(never).then(() => ends.push(clock.now()))

    await clock.advance(200)

    expect(ends).toEqual([60, 110])
  })

  it('T2: a clock that cannot tell the phases gets one more turn of its timers', async () => {
    const sim = new SimClock()
    const bare: Clock = {
      now: () => sim.now(),
      epochNow: () => sim.epochNow(),
      schedule: (at, run, options): Cancel => sim.schedule(at, run, options),
    }
    const answer = new Promise((resolve) => sim.io(40, () => resolve('in time')))
    const outcome = new Timeout({ timeoutMs: 50, clock: bare }).outcome(() => answer)
    const late = new Timeout({ timeoutMs: 50, clock: bare }).outcome(never)

    sim.stall(500)
    await sim.flush()

    expect((await outcome).kind).toBe('success')
    expect((await late).kind).toBe('timeout')
    expect(sim.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })
})
