// One case in a process of its own, so that no other library's types, timers or garbage are in the numbers. Started by
// `rounds.ts` with a job as its argument; prints the metrics as one line of JSON and exits, whatever timers the library left.

import { AsyncLocalStorage } from 'node:async_hooks'
import { writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Group, Measure } from './group.ts'
import { groupById } from './groups.ts'
import { clockReadsPerCall } from './measure/clock-reads.ts'
import { FULL, QUICK } from './measure/effort.ts'
import type { Effort } from './measure/effort.ts'
import { measureProbe, measureStall } from './measure/faults.ts'
import { measureGrowth } from './measure/growth.ts'
import { TimerCensus, measureIdle } from './measure/idle.ts'
import { measurePair } from './measure/paired.ts'
import type { Metrics, Pair } from './measure/paired.ts'
import { preparePair } from './measure/prepare.ts'
import { measureRate } from './measure/rate.ts'
import { measureReads } from './measure/reads.ts'
import { loadLibrary } from './subjects/index.ts'
import type { Library } from './subjects/subject.ts'

/** What a child is asked to do, and how hard to try. */
export interface Job {
  readonly group: string
  readonly subject: string
  readonly quick: boolean
}

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))

type MeasureOther = (group: Group, library: Library, effort: Effort) => Promise<Metrics>

/** Everything but pairs of calls and the idle breakers. */
const OTHER_MEASURES: Readonly<Partial<Record<Measure, MeasureOther>>> = {
  growth: (_group, library, effort) => measureGrowth(library, effort),
  reads: (_group, library, effort) => measureReads(library, effort),
  rate: measureRate,
  stall: (_group, library) => measureStall(library),
  probe: (_group, library) => measureProbe(library),
  registry: async () => (await import('./measure/registry.ts')).measureRegistry(),
}

async function measure({ group: id, subject, quick }: Job): Promise<Metrics> {
  const group = groupById(id)
  const effort = quick ? QUICK : FULL
  const ofRequests = await measureRequests(group, subject, effort)
  if (ofRequests !== undefined) return ofRequests
  const ofBalancers = await measureBalancers(group, subject, effort)
  if (ofBalancers !== undefined) return ofBalancers
  const census = group.measure === 'idle' ? new TimerCensus().start() : undefined
  const library = await loadLibrary(subject)
  if (census !== undefined) {
    if (library.idle === undefined) throw new Error('has no idle adapter')
    return measureIdle(library.idle, census, effort.idleMs)
  }
  await library.warm?.()
  const other = OTHER_MEASURES[group.measure]
  if (other !== undefined) return other(group, library, effort)
  const pair = await preparePair(group, library)
  const metrics = await insideStore(group, () => measurePair(pair, effort))
  if (group.exactClock === true && library.warm !== undefined) await expectExactClock(pair)
  return metrics
}

/** Their subjects are ways to send a request. */
async function measureRequests(group: Group, subject: string, effort: Effort): Promise<Metrics | undefined> {
  if (group.measure === 'http') return (await import('./measure/http.ts')).measureHttp(group, subject, effort)
  if (group.measure === 'fleet') return (await import('./measure/fleet.ts')).measureFleet(subject, effort)
  return undefined
}

/** Their subjects are strategies, not libraries. */
async function measureBalancers(
  { measure, instances = 0 }: Group,
  subject: string,
  effort: Effort,
): Promise<Metrics | undefined> {
  if (measure === 'choices')
    return (await import('./measure/choices.ts')).measureChoices(instances, subject, effort)
  if (measure !== 'picks' && measure !== 'rebuild') return undefined
  const { measurePicks, measureRebuild } = await import('./measure/picks.ts')
  return measure === 'picks'
    ? measurePicks(instances, subject, effort)
    : measureRebuild(instances, subject, effort)
}

/** What is awaited inside carries the store along, and so does every promise of the loops. */
function insideStore<R>({ storage }: Group, run: () => R): R {
  return storage === true ? new AsyncLocalStorage().run({ request: 1 }, run) : run()
}

async function expectExactClock({ call }: Pair): Promise<void> {
  const reads = await clockReadsPerCall(call)
  if (reads < 2) throw new Error(`the clock was read ${reads} times per call, so the exact clock is not on`)
}

/** The first line, with paths from the root of the repository on. */
function reason(error: unknown): string {
  const [line = ''] = String(error instanceof Error ? error.message : error).split('\n')
  return line.replace(/ imported from .*$/, '').replaceAll(REPOSITORY, '')
}

const job = JSON.parse(process.argv[2] ?? '{}') as Job
try {
  const metrics = await measure(job)
  writeSync(1, `${JSON.stringify({ metrics })}\n`)
} catch (error) {
  writeSync(1, `${JSON.stringify({ failed: reason(error) })}\n`)
}
process.exit(0)
