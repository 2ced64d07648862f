// Scenarios of any mix of the words that the format has.

import fc from 'fast-check'
import { BATCH_MAPPINGS } from '../scenario/scenario.ts'

const some = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const part = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(members, { requiredKeys: [] })

const INT_MAX = 2 ** 31 - 1
const THROWS = [
  'boom',
  'checked',
  'illegalState',
  'badRequest',
  'notWrapped',
  'badRequestNotWrapped',
  'rejected',
]
const OTHERS = ['timeoutEx', 'stackOverflow', 'assert', 'unsupported', 'any other text']
const answers = {
  afterMs: some(0, 10, 120, 300),
  return: some<unknown>('x', 1, true),
  throw: some(...THROWS, ...OTHERS),
}
const run = part({ ...answers, ignoreInterrupt: fc.boolean() })
const fallback = part(answers)

const props = part({
  'execution.isolation.strategy': some('THREAD', 'SEMAPHORE'),
  'execution.isolation.thread.timeoutInMilliseconds': some<unknown>(50, 200, '1000', 0, -1),
  'execution.timeout.enabled': fc.boolean(),
  'execution.isolation.thread.interruptOnTimeout': fc.boolean(),
  'execution.isolation.thread.interruptOnFutureCancel': fc.boolean(),
  'execution.isolation.semaphore.maxConcurrentRequests': some(1, 10, 0, -5),
  'fallback.enabled': fc.boolean(),
  'fallback.isolation.semaphore.maxConcurrentRequests': some(1, 10, 0),
  'circuitBreaker.enabled': fc.boolean(),
  'circuitBreaker.requestVolumeThreshold': some(1, 4, 0, INT_MAX),
  'circuitBreaker.errorThresholdPercentage': some(0, 50, 101, -1),
  'circuitBreaker.sleepWindowInMilliseconds': some(100, 500, 0, -1),
  'circuitBreaker.forceOpen': fc.boolean(),
  'circuitBreaker.forceClosed': fc.boolean(),
  'metrics.healthSnapshot.intervalInMilliseconds': some(100, 500, 1, 333, 0, INT_MAX),
  'metrics.rollingStats.timeInMilliseconds': some(1_000, 999),
  'metrics.rollingStats.numBuckets': some(10, 7, 2_000, 0),
  'metrics.rollingPercentile.timeInMilliseconds': some(1_000, 0),
  'metrics.rollingPercentile.numBuckets': some(6, 7, -1),
  'requestCache.enabled': fc.boolean(),
  'requestLog.enabled': fc.boolean(),
})
const threadPool = part({
  coreSize: some(1, 2, 0),
  maximumSize: some(1, 3),
  allowMaximumSizeToDivergeFromCoreSize: fc.boolean(),
  maxQueueSize: some(-1, 5, -9),
  queueSizeRejectionThreshold: some(1, 3, 0),
})
const command = part({ group: some('G', 'H'), pool: some('G', 'P'), props, threadPool })
const collapserProps = part({
  timerDelayInMilliseconds: some(10, 100),
  maxRequestsInBatch: some(1, 2),
  'requestCache.enabled': fc.boolean(),
})
const collapser = fc.record(
  {
    kind: fc.constant('collapser'),
    scope: some('REQUEST', 'GLOBAL'),
    map: some(...BATCH_MAPPINGS),
    props: collapserProps,
    batch: part({ props, run, fallback }),
  },
  { requiredKeys: ['kind'] },
)

const at = fc.nat(1_000)
const ctx = some('r1', 'r2')
const context = fc.record({ at, do: some('ctxOpen', 'ctxClose', 'requestLog'), ctx })
const mode = some('execute', 'observe', 'queue')
const ofCommand = { mode, ctx, cacheKey: some('k', 'l'), run, fallback, repeat: some(1, 3) }
const exec = fc.record({ at, cmd: some('A', 'B', 'A2'), ...ofCommand }, { requiredKeys: ['at', 'cmd'] })
const request = fc.record(
  { at, cmd: fc.constant('C'), arg: some('a', 'b', 'c'), mode, ctx },
  { requiredKeys: ['at', 'cmd', 'arg'] },
)
const other = fc.oneof(
  context,
  fc.record({ at, do: fc.constant('probe'), cmd: some('A', 'B', 'C') }),
  fc.record({ at, do: fc.constant('clearCache'), ctx, cmd: some('A', 'C'), cacheKey: some('k') }),
  fc.record({
    at,
    do: fc.constant('set'),
    key: some('hystrix.command.A.circuitBreaker.forceOpen', 'hystrix.command.default.fallback.enabled'),
    value: some<unknown>('true', 'false', true),
  }),
  fc.record({
    at,
    do: fc.constant('set'),
    key: some(
      'hystrix.command.A.execution.isolation.thread.timeoutInMilliseconds',
      'hystrix.command.default.metrics.healthSnapshot.intervalInMilliseconds',
      'hystrix.threadpool.G.coreSize',
      'hystrix.threadpool.default.queueSizeRejectionThreshold',
    ),
    value: some<unknown>('0', 100, -1),
  }),
)

/** The text of a scenario file. */
export const anyScenario: fc.Arbitrary<string> = fc
  .record({
    defs: fc.record({
      A: command,
      B: command,
      A2: command.map((two) => ({ ...two, key: 'A' })),
      C: collapser,
    }),
    calls: fc.array(fc.oneof({ weight: 3, arbitrary: exec }, request), { maxLength: 10 }),
    others: fc.array(other, { maxLength: 6 }),
    cancelled: fc.array(fc.record({ which: fc.nat(9), at }), { maxLength: 3 }),
    tailMs: some(0, 300),
  })
  .map(({ defs, calls, others, cancelled, tailMs }) => {
    const execs = calls.map((call, place) => ({ ...call, id: `e${place}` }))
    const cancels = cancelled.flatMap(({ which, at: time }) => {
      const call = execs[which]
      if (call === undefined) return []
      return [{ at: time, do: 'cancel', id: 'repeat' in call ? `${call.id}#0` : call.id }]
    })
    const opened = ['r1', 'r2'].map((name) => ({ at: 0, do: 'ctxOpen', ctx: name }))
    return JSON.stringify({ id: 'X', defs, steps: [...opened, ...execs, ...others, ...cancels], tailMs })
  })
