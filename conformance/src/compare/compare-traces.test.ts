import { describe, expect, it } from 'vitest'
import { recordingsOf, traceAt } from '../files.ts'
import type { TimedTrace, Trace } from '../trace/trace.ts'
import { altered, REMOVED } from './alter.model.ts'
import { compareTraces } from './compare-traces.ts'
import { EDGES } from './tolerances.ts'

type Change = (old: unknown) => unknown

const recording = (name: string): Trace => traceAt(`${recordingsOf('classic')}/${name}.json`)

/** As if ours: every notification at an instant of its own, a second after the one before. */
function apart(trace: Trace): TimedTrace {
  const seconds = (list: readonly unknown[] = []): number[] => list.map((_, at) => at * 1_000)
  return { trace, notifierAt: seconds(trace.notifier), batchesAt: seconds(trace.batches) }
}

const to =
  (value: unknown): Change =>
  () =>
    value
const add =
  (amount: number): Change =>
  (old) =>
    Number(old) + amount
const list = (old: unknown): unknown[] => (Array.isArray(old) ? old : [])
const shorter: Change = (old) => list(old).slice(0, -1)
const reversed: Change = (old) => list(old).toReversed()
const removed = to(REMOVED)

function pathsOf(name: string, place: string, change: Change): string[] {
  return compareTraces(recording(name), apart(altered(recording(name), place, change))).map(
    ({ path }) => path,
  )
}

describe('what is reported', () => {
  it('nothing, when the traces are the same', () => {
    expect(compareTraces(recording('S42'), apart(recording('S42')))).toEqual([])
  })

  it.each<[string, string, string, Change, string[]]>([
    ['a value', 'S01', 'execs.a.value', to('w'), ['execs.a.value']],
    ['a missing answer', 'S01', 'execs.a.value', removed, ['execs.a.value']],
    ['an error', 'S02', 'execs.a.error.cause', to('Exception'), ['execs.a.error.cause']],
    ['an error instead of none', 'S12', 'execs.b.error.cause', to('Exception'), ['execs.b.error.cause']],
    ['an event', 'S03', 'execs.a.events', shorter, ['execs.a.events']],
    ['a hook', 'S03', 'execs.a.hooks', shorter, ['execs.a.hooks']],
    ['the order of hooks', 'S03', 'execs.a.hooks', reversed, ['execs.a.hooks']],
    ['a count of calls', 'S03', 'execs.a.fbCalls', add(1), ['execs.a.fbCalls']],
    ['a count of a probe', 'S13', 'probes.1.total', add(1), ['probes[1].total']],
    ['a count of events', 'S42', 'probes.1.rolling.SUCCESS', add(1), ['probes[1].rolling.SUCCESS']],
    ['an event that was not counted', 'S42', 'probes.1.rolling.EMIT', to(1), ['probes[1].rolling.EMIT']],
    ['a state', 'S13', 'probes.1.open', to(false), ['probes[1].open']],
    ['a request log', 'S28', 'probes.0.log', to('A[SUCCESS][Nms]'), ['probes[0].log']],
    ['a time', 'S03', 'execs.a.latency', add(41), ['execs.a.latency']],
    ['a time that was never measured', 'S13', 'execs.sc.latency', to(0), ['execs.sc.latency']],
    ['an execution', 'S13', 'execs.early', removed, ['execs.early']],
    ['an execution too many', 'S13', 'execs.more', to({ value: 'ok' }), ['execs.more']],
    ['a member of a repeat', 'S13', 'execs.f#2.value', to('ok'), ['execs.f#3.value']],
    ['a probe', 'S13', 'probes', shorter, ['probes[1]']],
    ['a batch', 'S31', 'batches', shorter, ['batches.count(["e"])']],
    ['the order of batches', 'S31', 'batches', reversed, ['batches[1]', 'batches[2]']],
    [
      'requests of a batch',
      'S31',
      'batches.0',
      shorter,
      ['batches.count(["a","b"])', 'batches.count(["a"])'],
    ],
    ['a notification', 'S06', 'notifier', shorter, ['notifier.count(A:EXCEPTION_THROWN)']],
    ['the order of notifications', 'S02', 'notifier', reversed, ['notifier[1]', 'notifier[2]']],
    ['the scenario', 'S01', 'scenario', to('S02'), ['scenario']],
  ])('%s', (...[, name, place, change, paths]) => {
    expect(pathsOf(name, place, change)).toEqual(paths)
  })

  it('with what was recorded and what is ours', () => {
    const ours = apart(altered(recording('S01'), 'execs.a.value', to('w')))

    expect(compareTraces(recording('S01'), ours)).toEqual([
      { scenario: 'S01', path: 'execs.a.value', recorded: 'v', ours: 'w' },
    ])
  })
})

describe('what may vary', () => {
  const racingLast: Change = (old) => [
    ...list(old).filter((hook) => hook !== 'onExecutionError'),
    'onExecutionError',
  ]

  it.each<[string, string, string, Change]>([
    ['milliseconds up to 40', 'S03', 'execs.a.doneAt', add(-40)],
    ['the largest concurrency', 'S42', 'probes.1.maxConcurrent', to(1)],
    ['the place of onExecutionError after a timeout', 'S06', 'execs.a.hooks', racingLast],
    ['the version', 'S01', 'version', to('')],
    ['the line', 'S01', 'line', to('')],
  ])('%s', (_, name, place, change) => {
    expect(pathsOf(name, place, change)).toEqual([])
  })

  it('which member of a repeat is which', () => {
    const one = altered(recording('S13'), 'execs.f#0.value', to('ok'))
    const other = altered(recording('S13'), 'execs.f#3.value', to('ok'))

    expect(compareTraces(one, apart(other))).toEqual([])
  })

  it('the order of what we did within 40 ms', () => {
    const trace = altered(recording('S13'), 'notifier', reversed)
    const near = { trace, notifierAt: trace.notifier.map(() => 100), batchesAt: [] }

    expect(compareTraces(recording('S13'), near)).toEqual([])
  })

  it('milliseconds not at all, when both times are simulated', () => {
    const ours = apart(altered(recording('S03'), 'execs.a.doneAt', add(1)))

    expect(compareTraces(recording('S03'), ours, { msWithin: 0 })).toMatchObject([{ path: 'execs.a.doneAt' }])
  })

  it('but not whether onExecutionError is heard, nor its place without a timeout', () => {
    const unheard: Change = (old) => list(old).filter((hook) => hook !== 'onExecutionError')

    expect(pathsOf('S06', 'execs.a.hooks', unheard)).toEqual(['execs.a.hooks'])
    expect(pathsOf('S03', 'execs.a.hooks', racingLast)).toEqual(['execs.a.hooks'])
  })
})

describe('numbers on the edge of a bucket', () => {
  const edges = EDGES.filter(({ scenario }) => scenario === 'S23')
  const differences = (numbers: object): string[] => {
    const probe: Change = (old) => ({ ...Object(old), ...numbers })
    const ours = apart(altered(recording('S23'), 'probes.0', probe))
    return compareTraces(recording('S23'), ours, { edges }).map(({ path }) => path)
  }

  it('may differ by one call', () => {
    expect(differences({ total: 0 })).toEqual([])
    expect(differences({ total: 2, errors: 1, pct: 50 })).toEqual([])
  })

  it('may not differ by more, nor contradict themselves', () => {
    expect(differences({ total: 3 })).toEqual(['probes[0].total'])
    expect(differences({ pct: 50 })).toEqual(['probes[0].pct'])
    expect(differences({ open: true })).toEqual(['probes[0].open'])
  })
})
