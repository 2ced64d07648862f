import { withRequestContext } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { faultsIn } from '../command.model.js'
import { short, watched } from './hystrix.model.js'
import type { Watched } from './hystrix.model.js'
import { currentRequest } from './request-context.js'
import { createStreamCommand } from './stream-command.js'
import type { StreamCommand, StreamCommandOptions } from './stream-command.js'

const boom = new Error('boom')

interface Streaming extends Watched {
  readonly stream: (
    options: Partial<StreamCommandOptions<[], unknown, unknown>>,
  ) => StreamCommand<[], unknown>
  /** Delivers after so many milliseconds. */
  readonly after: <T>(ms: number, value: T) => Promise<T>
}

function streaming(): Streaming {
  const world = watched()
  const { clock, runtime, plugin } = world
  const stream: Streaming['stream'] = (options) =>
    createStreamCommand<[], unknown, unknown>({
      name: 'S',
      ...{ clock, runtime, ...plugin },
      run: () => [1, 2, 3],
      ...options,
    })
  const after: Streaming['after'] = (ms, value) =>
    new Promise((resolve) => clock.io(clock.now() + ms, () => resolve(value)))
  return { ...world, stream, after }
}

async function all(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const seen: unknown[] = []
  for await (const value of values) seen.push(value)
  return seen
}

describe('a stream command', () => {
  it('hands over its values, counts each, and succeeds at the end', async () => {
    const { stream, hooks, heard, clock } = streaming()
    const command = stream({})
    const execution = command.execute()
    expect(await all(execution)).toEqual([1, 2, 3])
    expect(execution).toMatchObject({ events: ['EMIT', 'SUCCESS'], eventCounts: { EMIT: 3, SUCCESS: 1 } })
    expect(short(hooks)).toBe(
      'Start ExecutionStart ExecutionEmit Emit ExecutionEmit Emit ExecutionEmit Emit ExecutionSuccess Success',
    )
    expect(heard).toEqual(['EMIT', 'EMIT', 'EMIT', 'SUCCESS', 'markCommandExecution[EMIT, SUCCESS]'])
    await clock.advance(1_000)
    expect(command.metrics()).toMatchObject({ cumulative: { EMIT: 3, SUCCESS: 1 }, concurrent: 0 })
  })

  it('begins when the first value is asked for, and runs no further than it is asked', async () => {
    const { stream } = streaming()
    const made: number[] = []
    const command = stream({
      run: function* () {
        for (let value = 1; value <= 3; value++) {
          made.push(value)
          yield value
        }
      },
    })
    const values = command.execute()
    expect(command.metrics().concurrent).toBe(0)
    await values.next()
    expect(made).toEqual([1])
    expect(command.metrics().concurrent).toBe(1)
    await values.return?.()
    expect(command.metrics().concurrent).toBe(0)
  })

  it('is cancelled by who leaves the loop: the work is closed, and counts as CANCELLED', async () => {
    const { stream, hooks } = streaming()
    let isClosed = false
    const command = stream({
      run: async function* () {
        try {
          for (let value = 1; ; value++) yield value
        } finally {
          isClosed = true
        }
      },
    })
    const execution = command.execute()
    for await (const value of execution) if (value === 2) break
    expect(isClosed).toBe(true)
    expect(execution.events).toEqual(['EMIT', 'CANCELLED'])
    expect(short(hooks)).toMatch(/Unsubscribe$/)
    expect(command.bulkhead.snapshot().running).toBe(0)
    expect(command.metrics().health.total).toBe(0)
  })

  it('goes on with its fallback after a failure in the middle', async () => {
    const { clock, stream } = streaming()
    const command = stream({
      run: function* () {
        yield 1
        throw boom
      },
      fallback: ({ error }) => [error, 'end'],
    })
    const execution = command.execute()
    expect(await all(execution)).toEqual([1, boom, 'end'])
    expect(execution.eventCounts).toEqual({ EMIT: 1, FAILURE: 1, FALLBACK_EMIT: 2, FALLBACK_SUCCESS: 1 })
    await clock.advance(500)
    expect(command.metrics().health).toMatchObject({ total: 1, errors: 1 })
  })

  it.each([
    ['no fallback', undefined, ['FAILURE', 'FALLBACK_MISSING']],
    [
      'a fallback that fails',
      (): never => {
        throw new Error('worse')
      },
      ['FAILURE', 'FALLBACK_FAILURE'],
    ],
    [
      'a fallback that fails later',
      function* (): Generator<number> {
        yield 9
        throw new Error('worse')
      },
      ['FAILURE', 'FALLBACK_EMIT', 'FALLBACK_FAILURE'],
    ],
  ] as const)('fails with %s', async (_what, fallback, events) => {
    const { stream } = streaming()
    const run = (): never => {
      throw boom
    }
    const command = stream({ run, ...(fallback === undefined ? {} : { fallback }) })
    const execution = command.execute()
    await expect(all(execution)).rejects.toMatchObject({ failureType: 'COMMAND_EXCEPTION', cause: boom })
    expect(execution.events).toEqual(events)
    expect(command.bulkhead.snapshot().running).toBe(0)
    expect(await execution.next()).toEqual({ done: true, value: undefined })
  })

  it('has its time for the first value', async () => {
    const { stream, after, clock } = streaming()
    const slow = stream({ run: () => [after(500, 1)], fallback: () => ['late'], timeoutMs: 100 })
    const late = all(slow.execute())
    await clock.advance(100)
    expect(await late).toEqual(['late'])
    const steady = stream({ name: 'T', run: () => [1, after(500, 2)], timeoutMs: 100 })
    const values = all(steady.execute())
    await clock.advance(500)
    expect(await values).toEqual([1, 2])
  })

  it('ends with the caller’s signal', async () => {
    const { stream, after } = streaming()
    const caller = new AbortController()
    const execution = stream({ run: () => [1, after(500, 2)] })
      .with({ signal: caller.signal })
      .execute()
    await execution.next()
    const next = execution.next()
    caller.abort(boom)
    await expect(next).rejects.toBe(boom)
    expect(execution.events).toEqual(['EMIT', 'CANCELLED'])
    const before = stream({}).with({ signal: AbortSignal.abort(boom) })
    await expect(all(before.execute())).rejects.toBe(boom)
  })

  it('answers those who ask for several values at once in order', async () => {
    const { stream } = streaming()
    const values = stream({}).execute()
    const steps = await Promise.all([values.next(), values.next(), values.next(), values.next()])
    expect(steps.map(({ value }) => value as unknown)).toEqual([1, 2, 3, undefined])
  })

  it('is a failure when it answers nothing to iterate over', async () => {
    const { stream } = streaming()
    const execution = stream({ run: () => 'text' as never }).execute()
    await expect(all(execution)).rejects.toThrow('S failed')
    expect(execution.failedExecutionError).toBeInstanceOf(TypeError)
  })

  it('is refused by the circuit, the semaphore or a thread pool as others are', async () => {
    const { stream } = streaming()
    const command = stream({
      fallback: () => ['fb'],
      properties: { 'execution.isolation.semaphore.maxConcurrentRequests': 1 },
    })
    const first = command.execute()
    await first.next()
    const second = command.execute()
    expect(await all(second)).toEqual(['fb'])
    expect(second.events).toEqual(['SEMAPHORE_REJECTED', 'FALLBACK_EMIT', 'FALLBACK_SUCCESS'])
    await first.return?.()
    command.update({ properties: { 'circuitBreaker.forceOpen': true } })
    const third = command.execute()
    expect(await all(third)).toEqual(['fb'])
    expect(third.events[0]).toBe('SHORT_CIRCUITED')
    const threaded = stream({ name: 'T', properties: { 'execution.isolation.strategy': 'THREAD' } })
    expect(await all(threaded.execute())).toEqual([1, 2, 3])
    expect(threaded.metrics().pool).toMatchObject({ active: 0, completed: 1 })
  })

  it('writes its values into the log of the request', async () => {
    const { stream } = streaming()
    await withRequestContext(async () => {
      await all(stream({}).execute())
      expect(currentRequest()?.log.toString()).toBe('S[EMITx3, SUCCESS][0ms]')
    })
  })

  it('refuses bad options', () => {
    expect(faultsIn(() => createStreamCommand({ name: '', run: 1 } as never))).toEqual(['name', 'run'])
    expect(
      faultsIn(() => createStreamCommand({ name: 'x', run: () => [], preset: 'standard' } as never)),
    ).toEqual(['preset'])
  })
})
