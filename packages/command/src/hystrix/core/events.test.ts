import { describe, expect, it } from 'vitest'
import { EVENT_NAMES, EVENTS, ExecutionRecord, exceptionsThrown } from './events.js'

const ORDER = [
  'EMIT',
  'SUCCESS',
  'FAILURE',
  'TIMEOUT',
  'BAD_REQUEST',
  'SHORT_CIRCUITED',
  'THREAD_POOL_REJECTED',
  'SEMAPHORE_REJECTED',
  'FALLBACK_EMIT',
  'FALLBACK_SUCCESS',
  'FALLBACK_FAILURE',
  'FALLBACK_REJECTION',
  'FALLBACK_DISABLED',
  'FALLBACK_MISSING',
  'EXCEPTION_THROWN',
  'RESPONSE_FROM_CACHE',
  'CANCELLED',
  'COLLAPSED',
  'COMMAND_MAX_ACTIVE',
] as const

describe('the table of events', () => {
  it('has the order of the enum', () => {
    expect(EVENT_NAMES).toEqual(ORDER)
  })

  it('says which events end an execution', () => {
    expect(EVENT_NAMES.filter((event) => EVENTS[event].isTerminal === true)).toEqual([
      'SUCCESS',
      'BAD_REQUEST',
      'FALLBACK_SUCCESS',
      'FALLBACK_FAILURE',
      'FALLBACK_REJECTION',
      'FALLBACK_DISABLED',
      'FALLBACK_MISSING',
      'RESPONSE_FROM_CACHE',
      'CANCELLED',
    ])
  })

  it('counts exceptions as the metric does', () => {
    const counts = {
      FAILURE: 9,
      BAD_REQUEST: 1,
      FALLBACK_FAILURE: 2,
      FALLBACK_REJECTION: 3,
      FALLBACK_MISSING: 4,
      FALLBACK_DISABLED: 5,
    }
    expect(exceptionsThrown(counts)).toBe(15)
  })
})

describe('a record of an execution', () => {
  it('begins with nothing that happened', () => {
    const { events, isRejected, isTerminated, hasRun, isInThread, isFromCache } = new ExecutionRecord()

    expect(events).toEqual([])
    expect([isRejected, isTerminated, hasRun, isInThread, isFromCache]).not.toContain(true)
  })

  it('has the error of any failure, and apart from it that of the run', () => {
    const [timedOut, failed] = [new ExecutionRecord(), new ExecutionRecord()]
    timedOut.failed('TIMEOUT', 'late')
    failed.failed('FAILURE', 'down')

    expect(timedOut).toMatchObject({ executionError: 'late', failedError: undefined })
    expect(failed).toMatchObject({ executionError: 'down', failedError: 'down' })
  })

  it('lists events once each, in the order of the table and not of time', () => {
    const record = new ExecutionRecord()
    for (const event of ['FALLBACK_SUCCESS', 'COLLAPSED', 'FAILURE'] as const) record.add(event, 0)
    record.add('COLLAPSED', 0, 2)
    expect(record.events).toEqual(['FAILURE', 'FALLBACK_SUCCESS', 'COLLAPSED'])
    expect(record.counts.COLLAPSED).toBe(3)
  })

  it('takes its latency from the last event, in whole milliseconds', () => {
    const record = new ExecutionRecord()
    record.startedAt = 100
    record.add('FAILURE', 150.9)
    expect(record.latencyMs).toBe(50)
    record.add('FALLBACK_SUCCESS', 250)
    expect(record.latencyMs).toBe(150)
  })

  it('has no latency before a start', () => {
    const record = new ExecutionRecord()
    record.add('SHORT_CIRCUITED', 10)
    record.add('FALLBACK_SUCCESS', 60)
    expect(record.latencyMs).toBe(-1)
  })

  it.each([
    ['SUCCESS', true],
    ['RESPONSE_FROM_CACHE', true],
    ['FAILURE', false],
    ['EMIT', false],
  ] as const)('with %s is terminated: %s', (event, isTerminated) => {
    const record = new ExecutionRecord()
    record.note(event)

    expect(record.isTerminated).toBe(isTerminated)
  })

  it('counts an event each time, however often it is added', () => {
    const record = new ExecutionRecord()
    for (const times of [1, 1, 1, 2]) record.note('EMIT', times)

    expect(record.counts).toEqual({ EMIT: 5 })
  })

  it.each(['THREAD_POOL_REJECTED', 'SEMAPHORE_REJECTED'] as const)('keeps the latency of %s', (refusal) => {
    const record = new ExecutionRecord()
    record.startedAt = 10
    record.add(refusal, 10)
    record.add('FALLBACK_SUCCESS', 60)
    expect(record.latencyMs).toBe(0)
  })

  it('from a cache has the events of the first, however often they happened, and that it is from there', () => {
    const first = new ExecutionRecord()
    first.startedAt = 0
    first.add('EMIT', 5, 3)
    first.add('SUCCESS', 5)

    const second = first.fromCache()
    const third = second.fromCache()
    first.add('EMIT', 6)

    expect(second.counts).toEqual({ EMIT: 3, SUCCESS: 1, RESPONSE_FROM_CACHE: 1 })
    expect(third.counts).toEqual(second.counts)
    expect([second.isFromCache, second.hasRun, second.latencyMs, second.totalLatencyMs]).toEqual([
      true,
      false,
      -1,
      -1,
    ])
  })

  it('from a cache has the error of the first', () => {
    const error = new Error('down')
    const first = new ExecutionRecord()
    first.add('FAILURE', 0)
    first.executionError = first.failedError = error

    expect(first.fromCache()).toMatchObject({ executionError: error, failedError: error })
  })
})
