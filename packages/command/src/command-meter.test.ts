import { Emitter, onInternalError } from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { CommandMeter } from './command-meter.js'
import type { ExecutionEvents } from './command-meter.js'

const down = new Error('down')

function meterWith(ignore?: (error: unknown) => boolean): CommandMeter {
  const clock = new SimClock()
  return new CommandMeter(ignore, () => clock.now())
}

describe('the meter of a command', () => {
  it.each<[Outcome<unknown>, string | undefined, string]>([
    [{ kind: 'success', value: 1 }, undefined, 'success'],
    [{ kind: 'failure', error: down }, undefined, 'failure'],
    [{ kind: 'timeout', error: down }, 'timeout', 'timeout'],
    [{ kind: 'timeout', error: down }, 'deadline', 'timeout'],
    [{ kind: 'rejected', error: down }, 'breaker', 'short_circuited'],
    [{ kind: 'rejected', error: down }, 'bulkhead', 'semaphore_rejected'],
    [{ kind: 'cancelled', error: down }, undefined, 'cancelled'],
    [{ kind: 'ignored', error: down }, undefined, 'bad_request'],
  ])('counts %j ended by %s as %s', (outcome, policy, counted) => {
    const meter = meterWith()
    meter.started()

    meter.ended(outcome, policy, undefined)

    const counts = Object.entries(meter.executions).filter(([, count]) => count > 0)
    expect(counts).toEqual([[counted, 1]])
    expect(meter.inFlight).toBe(0)
  })

  it('tells of successes whose time nobody read', () => {
    const meter = meterWith()
    const heard: unknown[] = []
    meter.events = new Emitter<ExecutionEvents>()
    meter.events.on('execution', (execution) => heard.push(execution))

    meter.started()
    meter.succeeded(undefined, 0)

    expect(heard).toEqual([{ outcome: 'success', durationMs: undefined, error: undefined }])
    expect(meter.executions.success).toBe(1)
  })

  it('counts those as in flight that began and have not ended', () => {
    const meter = meterWith()

    for (let call = 0; call < 3; call++) meter.started()
    meter.succeeded(undefined, 0)

    expect(meter.inFlight).toBe(2)
  })

  it('measures calls that ran, except those that their caller ended', () => {
    const meter = meterWith()

    meter.ended({ kind: 'success', value: 1 }, undefined, 10)
    meter.ended({ kind: 'failure', error: down }, undefined, 20)
    meter.ended({ kind: 'cancelled', error: down }, undefined, 30)
    meter.ended({ kind: 'rejected', error: down }, 'breaker', undefined)

    expect(meter.totalLatency.count).toBe(2)
    expect(meter.totalLatency.maxMs).toBe(20)
  })

  it('X1: recording never throws, whatever the durations, errors and predicates', () => {
    const reports: unknown[] = []
    const stop = onInternalError((error) => reports.push(error))
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw down
        },
        has: () => {
          throw down
        },
      },
    )
    const meter = meterWith(() => {
      throw down
    })

    for (const durationMs of [NaN, Infinity, -1, 0, 1e300, undefined]) {
      meter.started()
      meter.ended({ kind: 'failure', error: hostile }, 'anything', durationMs)
    }
    for (const error of [hostile, undefined, null, 'text']) expect(meter.kindOf(error)).toBe('failure')

    stop()
    expect(meter.executions.failure).toBe(6)
    expect(reports).toEqual([down, down, down, down])
  })

  it.each([1, 'yes', {}, null, undefined])('takes %j of the ignore predicate for no', (answer) => {
    expect(meterWith(() => answer as boolean).kindOf(down)).toBe('failure')
  })
})
