import { describe, expect, it } from 'vitest'
import { ExecutionRecord } from './events.js'
import type { HystrixEvent } from './events.js'
import { HealthStream } from './health-stream.js'

function of(...events: HystrixEvent[]): ExecutionRecord {
  const record = new ExecutionRecord()
  for (const event of events) record.note(event)
  return record
}

describe('the health of a command', () => {
  it('is that of the closed buckets, from the end of one on, for as long as the window', () => {
    const health = new HealthStream({ bucketMs: 100, buckets: 10 }, 0)
    health.ended(of('FAILURE', 'FALLBACK_SUCCESS'), 10)
    health.ended(of('SUCCESS'), 99)

    const totals = [99, 100, 1_099, 1_100].map((now) => health.read(now).total)

    expect(totals).toEqual([0, 2, 2, 0])
  })

  it('counts what Hystrix counts, and cuts the percentage off', () => {
    const health = new HealthStream({ bucketMs: 10, buckets: 10 }, 0)
    for (const event of ['FAILURE', 'TIMEOUT', 'THREAD_POOL_REJECTED', 'SEMAPHORE_REJECTED'] as const)
      health.ended(of(event), 1)
    for (let call = 0; call < 2; call++) health.ended(of('SUCCESS'), 1)
    for (const event of ['BAD_REQUEST', 'SHORT_CIRCUITED', 'CANCELLED'] as const) health.ended(of(event), 1)

    expect(health.read(10)).toEqual({ total: 6, errors: 4, percent: 66 })
  })

  it('is nothing of nothing, and no percentage of it', () => {
    expect(new HealthStream({ bucketMs: 10, buckets: 10 }, 0).read(10)).toEqual({
      total: 0,
      errors: 0,
      percent: 0,
    })
  })

  it('begins anew when the circuit closes, with what closed it', () => {
    const health = new HealthStream({ bucketMs: 100, buckets: 10 }, 0)
    for (let call = 0; call < 4; call++) health.ended(of('FAILURE'), call)
    health.restart(950)
    health.ended(of('SUCCESS'), 950)
    health.ended(of('SUCCESS'), 960)

    expect(health.read(951)).toEqual({ total: 1, errors: 0, percent: 0 })
    expect(health.read(1_051).total).toBe(2)
  })
})
