// Compares a recorded trace with one of ours. Pure: the tolerances are data, and no list of allowed differences is known here.

import type { ExecTrace, ProbeTrace, TimedTrace, Trace } from '../trace/trace.ts'
import { compareFields } from './compare-fields.ts'
import type { FieldDifference } from './compare-fields.ts'
import { compareOrder } from './compare-order.ts'
import type { Difference } from './difference.ts'
import { isWithinEdge } from './edges.ts'
import { matchMembers } from './match-members.ts'
import { MS_WITHIN } from './tolerances.ts'
import type { Edge } from './tolerances.ts'

export interface CompareOptions {
  /** What milliseconds may be apart. Default 40; 0 for two traces of simulated time. */
  readonly msWithin?: number
  /** Numbers of this scenario that stand on the edge of a bucket. */
  readonly edges?: readonly Edge[]
}

/** Every difference, in the order of the recording. */
export function compareTraces(recorded: Trace, ours: TimedTrace, options: CompareOptions = {}): Difference[] {
  const { msWithin = MS_WITHIN, edges = [] } = options
  const { trace, notifierAt, batchesAt } = ours
  const batches = (trace.batches ?? []).map((batch) => JSON.stringify(batch))
  const recordedBatches = (recorded.batches ?? []).map((batch) => JSON.stringify(batch))
  const found = [
    ...compareFields({ scenario: recorded.scenario }, { scenario: trace.scenario }, 0),
    ...compareExecs(recorded.execs, trace.execs, msWithin),
    ...compareProbes(recorded.probes, trace.probes, { msWithin, edges }),
    ...compareOrder(recorded.notifier, { texts: trace.notifier, at: notifierAt }, msWithin).map(
      under('notifier'),
    ),
    ...compareOrder(recordedBatches, { texts: batches, at: batchesAt }, msWithin).map(under('batches')),
  ]
  return found.map((difference) => ({ scenario: recorded.scenario, ...difference }))
}

function compareExecs(recorded: Trace['execs'], ours: Trace['execs'], msWithin: number): FieldDifference[] {
  const groups = new Set([...Object.keys(recorded), ...Object.keys(ours)].map(groupOf))
  const equal = (a: ExecTrace, b: ExecTrace): boolean => compareFields(a, b, msWithin).length === 0
  return [...groups].flatMap((group) => {
    const left = membersOf(recorded, group)
    const right = membersOf(ours, group)
    const partners = matchMembers(
      left.map(([, exec]) => exec),
      right.map(([, exec]) => exec),
      equal,
    )
    const extra = right.filter((_, at) => !partners.includes(at))
    return [
      ...left.flatMap(([id, exec], at) => compareExec(id, exec, right[partners[at] ?? -1]?.[1], msWithin)),
      ...extra.map(([id, exec]) => ({ path: `execs.${id}`, recorded: undefined, ours: exec })),
    ]
  })
}

function compareExec(
  id: string,
  recorded: ExecTrace,
  ours: ExecTrace | undefined,
  msWithin: number,
): FieldDifference[] {
  if (ours === undefined) return [{ path: `execs.${id}`, recorded, ours }]
  return compareFields(recorded, ours, msWithin).map(under(`execs.${id}.`))
}

/** The name before `#`: the members of a `repeat` share it. */
function groupOf(id: string): string {
  return /^(.*)#\d+$/.exec(id)?.[1] ?? id
}

function membersOf(execs: Trace['execs'], group: string): readonly (readonly [string, ExecTrace])[] {
  return Object.entries(execs).filter(([id]) => groupOf(id) === group)
}

function compareProbes(
  recorded: readonly ProbeTrace[],
  ours: readonly ProbeTrace[],
  options: Required<CompareOptions>,
): FieldDifference[] {
  const { msWithin, edges } = options
  const length = Math.max(recorded.length, ours.length)
  return Array.from({ length }, (_, at) => {
    const [a, b] = [recorded[at], ours[at]]
    if (a === undefined || b === undefined) return [{ path: `probes[${at}]`, recorded: a, ours: b }]
    return compareFields(a, b, msWithin)
      .filter(({ path }) => !isWithinEdge(edges, path, a, b))
      .map(under(`probes[${at}].`))
  }).flat()
}

function under(prefix: string): (difference: FieldDifference) => FieldDifference {
  return ({ path, ...values }) => ({ path: prefix + path, ...values })
}
