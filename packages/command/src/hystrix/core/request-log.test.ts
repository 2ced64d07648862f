import { describe, expect, it } from 'vitest'
import { MAX_LOGGED_EXECUTIONS, RequestLog } from './request-log.js'
import type { LoggedExecution } from './request-log.js'

const entry = (
  key: string,
  events: LoggedExecution['events'],
  latencyMs = 10,
  eventCounts: LoggedExecution['eventCounts'] = {},
): LoggedExecution => ({ key, events, latencyMs, eventCounts })

describe('the log of a request', () => {
  it('merges equal entries, in the order of the first of them, with their latencies added up', () => {
    const log = new RequestLog()
    log.add(entry('A', ['SUCCESS']))
    log.add(entry('B', ['TIMEOUT', 'FALLBACK_SUCCESS'], 100))
    log.add(entry('A', ['SUCCESS'], 5))
    log.add(entry('A', ['SUCCESS', 'RESPONSE_FROM_CACHE'], -1))
    expect(log.toString()).toBe(
      'A[SUCCESS][15ms]x2, B[TIMEOUT, FALLBACK_SUCCESS][100ms], A[SUCCESS, RESPONSE_FROM_CACHE][0ms]',
    )
  })

  it('shows how many values there were', () => {
    const log = new RequestLog()
    log.add(entry('S', ['EMIT', 'SUCCESS'], 1, { EMIT: 3, SUCCESS: 1 }))
    log.add(entry('F', ['EMIT', 'FALLBACK_EMIT'], 1, { EMIT: 1, FALLBACK_EMIT: 2 }))
    expect(log.toString()).toBe('S[EMITx3, SUCCESS][1ms], F[EMIT, FALLBACK_EMITx2][1ms]')
  })

  it('does not show how many requests were collapsed', () => {
    const log = new RequestLog()
    log.add(entry('B', ['SUCCESS', 'COLLAPSED'], 1, { SUCCESS: 1, COLLAPSED: 3 }))
    expect(log.toString()).toBe('B[SUCCESS, COLLAPSED][1ms]')
  })

  it('says Executed of one that nothing is known of so far, as Hystrix does', () => {
    const log = new RequestLog()
    log.add(entry('A', [], -1))
    log.add(entry('A', [], -1))
    expect(log.toString()).toBe('A[Executed][0ms]x2')
  })

  it('is empty text when nothing was executed', () => {
    expect(new RequestLog().toString()).toBe('')
  })

  it('takes 1000 executions, and says that it drops the rest', () => {
    const log = new RequestLog()
    const added = Array.from({ length: MAX_LOGGED_EXECUTIONS + 2 }, () => log.add(entry('A', ['SUCCESS'])))
    expect([log.executed.length, log.dropped]).toEqual([1_000, 2])
    expect(added.map((isAdded, execution) => isAdded === execution < 1_000)).not.toContain(false)
  })
})
