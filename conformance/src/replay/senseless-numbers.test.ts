/** Numbers that Hystrix does not check, and what comes of them there. */
import { describe, expect, it } from 'vitest'
import { readScenario } from '../scenario/read-scenario.ts'
import { LINES } from '../scenario/scenario.ts'
import type { Line } from '../scenario/scenario.ts'
import type { Trace } from '../trace/trace.ts'
import { replay } from './replay.ts'

const HYSTRIX: readonly Line[] = ['classic', 'tri-state']

async function traceOf(scenario: object, line: Line): Promise<Trace> {
  return (await replay(readScenario(JSON.stringify({ id: 'X', ...scenario }), 'X.json'), line)).trace
}

const HEALTH = 'metrics.healthSnapshot.intervalInMilliseconds'
const TIMEOUT = 'execution.isolation.thread.timeoutInMilliseconds'

describe.each(HYSTRIX)('%s', (line) => {
  it.each(['THREAD', 'SEMAPHORE'])('fails each run that has a timeout of 0 (%s)', async (strategy) => {
    const props = { [TIMEOUT]: 0, 'execution.isolation.strategy': strategy, [HEALTH]: 100 }
    const steps = [
      { at: 0, cmd: 'A', id: 'a' },
      { at: 50, cmd: 'A', id: 'b', fallback: {} },
      { at: 60, cmd: 'A', id: 'c', mode: 'queue' },
      { at: 300, do: 'probe', cmd: 'A' },
    ]

    const { execs, probes } = await traceOf({ defs: { A: { props } }, steps }, line)

    expect(execs['a']).toMatchObject({
      error: {
        ...{ type: 'HystrixRuntimeException', failureType: 'COMMAND_EXCEPTION' },
        ...{ cause: 'IllegalArgumentException', message: 'A failed and no fallback available.' },
      },
      ...{ events: ['FAILURE', 'FALLBACK_MISSING'], runCalls: 0, inThread: false, latency: 0 },
      ...{ execEx: 'IllegalArgumentException', failEx: 'IllegalArgumentException' },
      hooks: ['onStart', 'onError:COMMAND_EXCEPTION'],
    })
    expect(execs['b']).toMatchObject({ value: 'fb', events: ['FAILURE', 'FALLBACK_SUCCESS'] })
    expect(execs['c']).toMatchObject({ queued: true, error: { failureType: 'COMMAND_EXCEPTION' } })
    expect(probes[0]).toMatchObject({ total: 3, errors: 3, pct: 100, concurrent: 0, pool: { active: 0 } })
  })

  it('fails them too when the property becomes 0, and no longer when it is switched off', async () => {
    const props = { [TIMEOUT]: 100, 'execution.timeout.enabled': true }
    const set = (at: number, name: string, value: unknown): object => ({
      ...{ at, do: 'set', key: `hystrix.command.A.${name}`, value },
    })
    const steps = [
      { at: 0, cmd: 'A', id: 'a' },
      set(50, TIMEOUT, 0),
      { at: 100, cmd: 'A', id: 'b' },
      set(150, 'execution.timeout.enabled', false),
      { at: 200, cmd: 'A', id: 'c' },
    ]

    const { execs } = await traceOf({ defs: { A: { props } }, steps }, line)

    expect(['a', 'b', 'c'].map((id) => execs[id]?.events)).toEqual([
      ['SUCCESS'],
      ['FAILURE', 'FALLBACK_MISSING'],
      ['SUCCESS'],
    ])
  })

  it.each([
    [{ props: { [HEALTH]: 0 } }, 'ArithmeticException', '/ by zero'],
    [{ props: { 'metrics.rollingStats.numBuckets': 0 } }, 'ArithmeticException', '/ by zero'],
    [{ props: { 'metrics.rollingPercentile.numBuckets': 0 } }, 'ArithmeticException', '/ by zero'],
    [{ props: { [HEALTH]: 20_000 } }, 'IllegalArgumentException', 'count > 0 required but it was 0'],
    [{ props: { [HEALTH]: -5_000 } }, 'IllegalArgumentException', 'count > 0 required but it was -2'],
    [{ threadPool: { coreSize: 0 } }, 'IllegalArgumentException', null],
    [{ threadPool: { 'metrics.rollingStats.numBuckets': 0 } }, 'ArithmeticException', '/ by zero'],
  ])('cannot make a command of %j, and keeps to the first definition', async (wrong, type, message) => {
    const defs = { A: { ...wrong, pool: 'P' }, A2: { key: 'A', pool: 'P' } }
    const steps = [
      { at: 0, cmd: 'A', id: 'a', fallback: {} },
      { at: 10, cmd: 'A2', id: 'b' },
      { at: 20, do: 'probe', cmd: 'A' },
    ]

    const { execs, probes } = await traceOf({ defs, steps }, line)

    for (const id of ['a', 'b'])
      expect(execs[id]).toMatchObject({ error: { type, message }, events: [], runCalls: 0, fbCalls: 0 })
    expect(probes[0]).toMatchObject({ open: null, total: 0 })
  })

  it('cuts what does not divide into buckets of whole milliseconds, and forgets the rest', async () => {
    // 1000 / 300: three health buckets of 300 ms. 1000 / 7: seven counter buckets of 142 ms.
    const props = {
      ...{ 'metrics.rollingStats.timeInMilliseconds': 1_000, 'metrics.rollingStats.numBuckets': 7 },
      [HEALTH]: 300,
    }
    const probe = (at: number): object => ({ at, do: 'probe', cmd: 'A' })
    const steps = [probe(0), { at: 20, cmd: 'A', id: 'a' }, ...[250, 350, 1_100, 1_160, 1_250].map(probe)]

    const { probes } = await traceOf({ defs: { A: { props } }, steps }, line)

    const seen = probes.map((one) => ('at' in one ? [one.at, one.total, one.rolling['SUCCESS'] ?? 0] : []))
    expect(seen).toEqual([
      [0, 0, 0],
      [250, 0, 1],
      [350, 1, 1],
      [1_100, 1, 1],
      [1_160, 1, 0],
      [1_250, 0, 0],
    ])
  })
})

describe.each(LINES)('%s: a thread pool whose size changes', (line) => {
  const to = (at: number, value: number): object => ({
    ...{ at, do: 'set', key: 'hystrix.threadpool.G.coreSize', value },
  })
  const call = (at: number, id: string, mode = 'execute'): object => ({
    at,
    cmd: 'A',
    id,
    mode,
    fallback: {},
  })

  it(`${line === 'port' ? 'may grow' : 'cannot grow on Java 9 and later'}, and may shrink`, async () => {
    const steps = [
      ...[call(0, 'a'), to(20, 3), call(40, 'b'), call(45, 'o', 'observe')],
      ...[to(60, 2), call(80, 'c'), to(100, 1), call(120, 'd'), to(140, 2), call(160, 'e')],
    ]

    const { execs } = await traceOf({ defs: { A: { threadPool: { coreSize: 2 } } }, steps }, line)

    for (const id of line === 'port' ? ['a', 'b', 'o', 'c', 'd', 'e'] : ['a', 'c', 'd'])
      expect(execs[id]).toMatchObject({ value: 'ok', events: ['SUCCESS'] })
    if (line === 'port') return
    const failed = { events: [], latency: -1, inThread: false, runCalls: 0, fbCalls: 0 }
    for (const id of ['b', 'e'])
      expect(execs[id]).toMatchObject({
        error: {
          failureType: 'COMMAND_EXCEPTION',
          cause: 'ExecutionException',
          message: 'A failed while executing.',
        },
        ...failed,
      })
    expect(execs['o']).toMatchObject({
      error: { type: 'IllegalArgumentException', message: null },
      ...failed,
    })
  })
})

describe('port', () => {
  it.each([
    { [TIMEOUT]: 0 },
    { [HEALTH]: 0 },
    { 'metrics.rollingStats.timeInMilliseconds': 1_000, 'metrics.rollingStats.numBuckets': 7 },
  ])('makes no command of %j, and says so', async (props) => {
    const steps = [
      { at: 0, cmd: 'A', id: 'a' },
      { at: 10, do: 'probe', cmd: 'A' },
    ]

    const { execs, probes } = await traceOf({ defs: { A: { props } }, steps }, 'port')

    expect(execs['a']).toMatchObject({ error: { type: 'InvalidOptionsError' }, events: [], runCalls: 0 })
    expect(probes[0]).toMatchObject({ open: null, total: 0 })
  })

  it('goes on with the value that it has when a new one makes no sense', async () => {
    const steps = [
      { at: 0, cmd: 'A', id: 'a' },
      { at: 50, do: 'set', key: `hystrix.command.A.${TIMEOUT}`, value: 0 },
      { at: 100, cmd: 'A', id: 'b', run: { afterMs: 20 } },
    ]

    const { execs } = await traceOf({ defs: { A: { props: { [TIMEOUT]: 100 } } }, steps }, 'port')

    expect(execs['b']).toMatchObject({ value: 'ok' })
  })
})
