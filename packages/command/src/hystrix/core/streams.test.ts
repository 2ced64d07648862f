import { describe, expect, it } from 'vitest'
import { ExecutionRecord } from './events.js'
import { CommandStreams, PoolStreams } from './streams.js'

const SHAPE = { bucketMs: 10, buckets: 3 }
const SHAPES = { counters: SHAPE, latencies: SHAPE }

function record(more: Partial<ExecutionRecord> = {}): ExecutionRecord {
  const made = new ExecutionRecord()
  made.note('SUCCESS')
  return Object.assign(made, more)
}

describe('the streams of a command', () => {
  it('count what has ended once its bucket is closed, for as long as the window is', () => {
    const streams = new CommandStreams(SHAPES, 0, false)
    streams.ended(record(), 5)

    expect([9, 10, 39, 40].map((now) => streams.rolling(now))).toEqual([
      {},
      { SUCCESS: 1 },
      { SUCCESS: 1 },
      {},
    ])
    expect(streams.cumulative(40)).toEqual({ SUCCESS: 1 })
  })

  it('add up all that has ended by the time they are asked', () => {
    const streams = new CommandStreams(SHAPES, 0, false)
    streams.ended(record(), 5)

    expect([9, 10].map((now) => streams.cumulative(now))).toEqual([{}, { SUCCESS: 1 }])
  })

  it('keep the latencies of what has run, as far as there are any', () => {
    const streams = new CommandStreams(SHAPES, 0, false)
    streams.ended(record({ hasRun: true, latencyMs: 4, totalLatencyMs: 6 }), 5)
    streams.ended(record({ hasRun: true }), 5)
    streams.ended(record({ latencyMs: 900, totalLatencyMs: 900 }), 5)

    const [run, whole] = [streams.latency(10), streams.totalLatency(10)]

    expect([run.count, run.mean, run.percentile(50)]).toEqual([1, 4, 4])
    expect([whole.count, whole.mean, whole.percentile(50)]).toEqual([1, 6, 6])
  })

  it('keep latencies of less than a millisecond', () => {
    const streams = new CommandStreams(SHAPES, 0, false)
    streams.ended(record({ hasRun: true, latencyMs: 0, totalLatencyMs: 0 }), 5)

    expect([streams.latency(10).count, streams.totalLatency(10).count]).toEqual([1, 1])
  })

  it('cut percents off where they are told to', () => {
    const summaries = [true, false].map((cuts) => {
      const streams = new CommandStreams(SHAPES, 0, cuts)
      for (let ms = 1; ms <= 1_000; ms++) streams.ended(record({ hasRun: true, latencyMs: ms }), 5)
      return streams.latency(10)
    })

    expect(summaries.map((summary) => summary.percentile(99.5))).toEqual([990, 995])
  })

  it('know how many ran at once at most', () => {
    const streams = new CommandStreams(SHAPES, 0, false)
    for (const concurrent of [1, 3, 2]) streams.started(concurrent, 5)

    expect([9, 10, 40].map((now) => streams.maxConcurrent(now))).toEqual([0, 3, 0])
  })

  it('begin with their first read where nothing else is said', () => {
    const streams = new CommandStreams(SHAPES, undefined, false)
    streams.ended(record({ hasRun: true, latencyMs: 4, totalLatencyMs: 6 }), 5)
    streams.started(7, 5)
    const first = [streams.rolling(5), streams.maxConcurrent(5)]
    streams.ended(record(), 6)
    streams.started(1, 6)

    expect(first).toEqual([{}, 0])
    expect([streams.rolling(15), streams.maxConcurrent(15)]).toEqual([{ SUCCESS: 1 }, 1])
  })

  it('count the exceptions that callers saw', () => {
    const streams = new CommandStreams(SHAPES, 0, false)
    const failed = new ExecutionRecord()
    failed.note('FAILURE')
    failed.note('FALLBACK_MISSING')
    streams.ended(failed, 5)

    expect(streams.rolling(10)).toEqual({ FAILURE: 1, FALLBACK_MISSING: 1, EXCEPTION_THROWN: 1 })
  })
})

describe('the streams of a thread pool', () => {
  it('count what ran in it and what it refused, and nothing else', () => {
    const streams = new PoolStreams(SHAPE, 0)
    const refused = new ExecutionRecord()
    refused.note('THREAD_POOL_REJECTED')
    for (const ended of [record({ isInThread: true }), record(), refused, refused]) streams.ended(ended, 5)

    expect([9, 10, 40].map((now) => streams.counts(now))).toEqual([
      { executed: 0, rejected: 0 },
      { executed: 1, rejected: 2 },
      { executed: 0, rejected: 0 },
    ])
  })

  it('count whatever became of what ran in it', () => {
    const streams = new PoolStreams(SHAPE, 0)
    for (const event of ['FAILURE', 'TIMEOUT', 'BAD_REQUEST', 'SHORT_CIRCUITED'] as const) {
      const ended = new ExecutionRecord()
      ended.note(event)
      streams.ended(Object.assign(ended, { isInThread: true }), 5)
    }

    expect(streams.counts(10)).toEqual({ executed: 3, rejected: 0 })
  })

  it('know how many threads worked at once at most', () => {
    const streams = new PoolStreams(SHAPE, 0)
    for (const active of [2, 5, 1]) streams.started(active, 5)

    expect(streams.maxActive(10)).toBe(5)
  })

  it('begin with their first read where nothing else is said', () => {
    const streams = new PoolStreams(SHAPE, undefined)
    streams.ended(record({ isInThread: true }), 5)
    streams.started(2, 5)

    expect([streams.counts(15), streams.maxActive(15)]).toEqual([{ executed: 0, rejected: 0 }, 0])
  })
})
