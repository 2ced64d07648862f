import { BulkheadFullError, CallTimeoutError, CircuitOpenError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { errorIn } from '../command.model.js'
import type { HystrixExecution } from './execution-view.js'
import { HystrixBadRequestError, HystrixRuntimeError } from './hystrix-errors.js'
import { watched } from './hystrix.model.js'

const boom = new Error('boom')
const bySemaphore = (permits: number) =>
  ({
    properties: {
      'execution.isolation.strategy': 'SEMAPHORE',
      'execution.isolation.semaphore.maxConcurrentRequests': permits,
    },
  }) as const

async function errorOf(execution: HystrixExecution<unknown>): Promise<HystrixRuntimeError> {
  const error = await execution.result.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof HystrixRuntimeError) return error
  throw new Error('expected a HystrixRuntimeError', { cause: error })
}

describe('an execution', () => {
  it('that succeeds has SUCCESS and the latency of its work', async () => {
    const { command, clock, heard } = watched()
    const execution = command().start({ afterMs: 20 })
    await clock.advance(20)
    expect(await execution.result).toBe('ok')
    expect(execution).toMatchObject({
      ...{ events: ['SUCCESS'], latencyMs: 20, totalLatencyMs: 20, isExecutedInThread: true },
      ...{ isResponseFromCache: false, executionError: undefined, failedExecutionError: undefined },
    })
    expect(heard).toEqual(['SUCCESS', 'markCommandExecution[SUCCESS]'])
  })

  it('that fails has FAILURE, and the latency of its fallback in its own', async () => {
    const { command, clock } = watched()
    const execution = command().start({ afterMs: 50, throws: boom }, { afterMs: 100, returns: 'fb' })
    await clock.advance(150)
    expect(await execution.result).toBe('fb')
    expect(execution).toMatchObject({ events: ['FAILURE', 'FALLBACK_SUCCESS'], latencyMs: 150 })
    expect([execution.executionError, execution.failedExecutionError]).toEqual([boom, boom])
  })

  it('that times out has TIMEOUT, and its caller an answer at once', async () => {
    const { command, clock } = watched()
    const execution = command({ timeoutMs: 100 }, false).start({ afterMs: 400 })
    const thrown = errorOf(execution)
    await clock.advance(100)
    const error = await thrown
    expect(error).toMatchObject({ failureType: 'TIMEOUT', message: 'A timed-out and no fallback available.' })
    expect(error.cause).toBeInstanceOf(CallTimeoutError)
    expect(error.status).toBe(504)
    expect(execution).toMatchObject({ events: ['TIMEOUT', 'FALLBACK_MISSING'], latencyMs: 100 })
    expect(execution.failedExecutionError).toBeUndefined()
  })

  it('of a bad request has BAD_REQUEST; the caller gets the error itself and health hears nothing', async () => {
    const { command, heard } = watched()
    const bad = new HystrixBadRequestError('bad')
    const asked = command({ ignore: (error) => error === boom })
    const execution = asked.start({ throws: bad })
    await expect(execution.result).rejects.toBe(bad)
    await expect(asked.execute({ throws: boom })).rejects.toBe(boom)
    expect(execution.events).toEqual(['BAD_REQUEST'])
    expect(heard).toEqual(['BAD_REQUEST', 'EXCEPTION_THROWN', 'BAD_REQUEST', 'EXCEPTION_THROWN'])
    expect(asked.metrics().health.total).toBe(0)
    expect((await asked.outcome({ throws: bad })).kind).toBe('ignored')
  })

  it('that is refused by the circuit has SHORT_CIRCUITED, no latency, and no part in health', async () => {
    const { command } = watched()
    const shut = command({ properties: { 'circuitBreaker.forceOpen': true } }, false)
    const execution = shut.start({})
    const error = await errorOf(execution)
    expect(error).toMatchObject({
      failureType: 'SHORTCIRCUIT',
      message: 'A short-circuited and no fallback available.',
    })
    expect(error.cause).toBeInstanceOf(CircuitOpenError)
    expect(execution).toMatchObject({
      ...{ events: ['SHORT_CIRCUITED', 'FALLBACK_MISSING'], latencyMs: -1, totalLatencyMs: -1 },
      isExecutedInThread: false,
    })
    expect(shut.metrics().health).toMatchObject({ isOpen: true, total: 0 })
  })

  it('that finds no permit has SEMAPHORE_REJECTED and no latency, and counts as an error', async () => {
    const { command, clock, heard } = watched()
    const asked = command(bySemaphore(1), false)
    void asked.outcome({ afterMs: 100 })
    const execution = asked.start({})
    const error = await errorOf(execution)
    expect(error).toMatchObject({
      failureType: 'REJECTED_SEMAPHORE_EXECUTION',
      message: 'A could not acquire a semaphore for execution and no fallback available.',
    })
    expect(error.cause).toBeInstanceOf(BulkheadFullError)
    expect(execution).toMatchObject({ events: ['SEMAPHORE_REJECTED', 'FALLBACK_MISSING'], latencyMs: -1 })
    expect(heard).not.toContain('EXCEPTION_THROWN')
    await clock.advance(100)
    await clock.advance(500)
    expect(asked.metrics().health).toMatchObject({ total: 2, errors: 1, errorPercentage: 50 })
  })

  it('that finds no thread has THREAD_POOL_REJECTED and a small latency, and counts as an error', async () => {
    const { command, clock, heard } = watched()
    const asked = command({ threadPool: { coreSize: 1 } }, false)
    void asked.outcome({ afterMs: 100 })
    await clock.advance(10)
    const execution = asked.start({})
    expect(await errorOf(execution)).toMatchObject({
      failureType: 'REJECTED_THREAD_EXECUTION',
      message: 'A could not be queued for execution and no fallback available.',
    })
    expect(execution).toMatchObject({
      ...{ events: ['THREAD_POOL_REJECTED', 'FALLBACK_MISSING'], latencyMs: 0, totalLatencyMs: -1 },
      isExecutedInThread: false,
    })
    expect(heard).toContain('EXCEPTION_THROWN')
    await clock.advance(100)
    await clock.advance(500)
    expect(asked.metrics().health).toMatchObject({ total: 2, errors: 1 })
  })

  it('whose caller leaves has CANCELLED, and health hears nothing', async () => {
    const { command, clock } = watched()
    const asked = command()
    const caller = new AbortController()
    const execution = asked.with({ signal: caller.signal }).start({ afterMs: 400 })
    await clock.advance(95)
    caller.abort(boom)
    await expect(execution.result).rejects.toBe(boom)
    expect(execution).toMatchObject({ events: ['CANCELLED'], latencyMs: 95 })
    expect(asked.metrics()).toMatchObject({ health: { total: 0 }, concurrent: 0 })
  })

  it('that answers for a collapser has COLLAPSED, once for each request', async () => {
    const { command } = watched()
    const execution = command().with({ collapsed: 3 }).start({})
    await execution.result
    expect(execution.eventCounts).toEqual({ SUCCESS: 1, COLLAPSED: 3 })
  })

  it('whose caller has gone before it never starts', async () => {
    const { command, hooks } = watched()
    const outcome = await command()
      .with({ signal: AbortSignal.abort(boom) })
      .outcome({})
    expect([outcome.kind, errorIn(outcome)]).toEqual(['cancelled', boom])
    expect(hooks).toEqual([])
  })

  it('ends at the time that its caller has, and never starts without any', async () => {
    const { command, clock } = watched()
    const thrown = errorOf(command({}, false).with({ budgetMs: 30 }).start({ afterMs: 400 }))
    await clock.advance(30)
    expect(await thrown).toMatchObject({ failureType: 'TIMEOUT' })
    expect((await command({}, false).with({ budgetMs: 0 }).outcome({})).kind).toBe('timeout')
  })

  it('refuses call options that cannot be meant', async () => {
    const { command } = watched()
    await expect(command().with({ collapsed: -1 }).execute({})).rejects.toThrow('collapsed')
    await expect(command().with({ budgetMs: NaN }).execute({})).rejects.toThrow('budgetMs')
  })
})

describe('the numbers of a command', () => {
  it('count every event of the window and of all time, and derive the exceptions', async () => {
    const { command, clock } = watched()
    const asked = command({
      properties: {
        'metrics.rollingStats.timeInMilliseconds': 1_000,
        'metrics.rollingPercentile.timeInMilliseconds': 1_000,
        'metrics.rollingPercentile.numBuckets': 5,
        'metrics.healthSnapshot.intervalInMilliseconds': 100,
      },
    })
    for (let call = 0; call < 3; call++) void asked.outcome({ afterMs: 100 })
    for (let call = 0; call < 2; call++) void asked.outcome({ throws: boom })
    void asked.outcome({ throws: boom }, { throws: new Error('x') })
    const before = asked.metrics()
    expect([before.rolling, before.cumulative, before.concurrent]).toEqual([{}, {}, 6])

    await clock.advance(700)
    const counts = { SUCCESS: 3, FAILURE: 3, FALLBACK_SUCCESS: 2, FALLBACK_FAILURE: 1, EXCEPTION_THROWN: 1 }
    const numbers = asked.metrics()
    expect(numbers).toMatchObject({ concurrent: 0, maxConcurrent: 6, rolling: counts, cumulative: counts })
    expect(numbers.health).toMatchObject({ total: 6, errors: 3, errorPercentage: 50 })
    expect(numbers.pool).toMatchObject({
      key: 'G',
      active: 0,
      executed: 0,
      completed: 6,
      largest: 6,
      limit: 10,
    })
    expect([numbers.latency.mean, numbers.latency.percentile(100)]).toEqual([50, 100])
    expect(numbers.totalLatency.percentile(50)).toBe(0)

    await clock.advance(1_300)
    const after = asked.metrics()
    expect([after.rolling, after.cumulative, after.maxConcurrent]).toEqual([{}, counts, 0])
    expect(after.pool).toMatchObject({ executed: 6, rejected: 0, maxActive: 6 })
    expect(after.latency.count).toBe(0)
  })

  it('begin at the first read in the lines of Hystrix, and at the first command in ours', async () => {
    for (const [compat, seen] of [
      ['hystrix-1.5.18', {}],
      [undefined, { SUCCESS: 1 }],
    ] as const) {
      const { command, clock } = watched()
      const asked = command({ compat })
      await asked.execute({})
      await clock.advance(2_000)
      expect(asked.metrics().cumulative).toEqual(seen)
      await asked.execute({})
      await clock.advance(2_000)
      expect(asked.metrics().rolling.SUCCESS).toBe(compat === undefined ? 2 : 1)
    }
  })

  it('cut the fractions of percentiles in 1.5.18 only', async () => {
    for (const [compat, expected] of [
      ['hystrix-1.5.18', 0],
      ['hystrix-1.5.13', 400],
    ] as const) {
      const { command, clock } = watched()
      const asked = command({ compat, properties: { 'execution.timeout.enabled': false } })
      asked.metrics()
      for (let call = 0; call < 99; call++) await asked.execute({})
      void asked.outcome({ afterMs: 400 })
      await clock.advance(10_000)
      expect(asked.metrics().latency.percentile(99.5)).toBe(expected)
    }
  })
})
