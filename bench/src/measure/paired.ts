// One case against its bare call in one process: time in alternating segments, bytes without a collection, hops in microtask ticks.
// Absolute times drift by a factor of 1.7 on a virtual machine; the ratio of two neighbouring segments does not.

import { performance } from 'node:perf_hooks'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { median } from '../statistics.ts'
import type { Effort } from './effort.ts'
import { IN_FLIGHT, makeLoop } from './loops.ts'
import type { Loop, Shape } from './loops.ts'

/** What to compare. `between` runs before every timed segment, outside the measured time. */
export interface Pair {
  readonly shape: Shape
  readonly bare: () => unknown
  readonly call: () => unknown
  readonly between?: () => unknown
}

/** Numbers of one process, by metric name. A metric that does not exist for the case is absent. */
export type Metrics = Readonly<Record<string, number>>

interface Side {
  readonly loop: Loop
  readonly call: () => unknown
  calls: number
}

const WARM_SEGMENTS = 6
const BYTE_CALLS = 3_000
const BYTE_SAMPLES = 5
const FEW_BYTE_CALLS = 300
const BYTES_THAT_FIT = 24 * 1024 * 1024
const MOST_HOPS = 500

/** `ns`, `bareNs`, `ratio`, `bytes` over the bare call, and `hops` unless the call needs a turn of the event loop. */
export async function measurePair(pair: Pair, effort: Effort): Promise<Metrics> {
  const bare: Side = { loop: makeLoop(pair.shape), call: pair.bare, calls: IN_FLIGHT }
  const subject: Side = { loop: makeLoop(pair.shape), call: pair.call, calls: IN_FLIGHT }
  for (const side of [bare, subject]) await calibrate(side, effort.segmentMs, pair.between)
  const times = await alternate(bare, subject, { effort, between: pair.between })
  const bytes = (await bytesPerCall(subject)) - (await bytesPerCall(bare))
  const hops = pair.shape === 'in-flight' ? undefined : await hopsOf(pair.call)
  return { ...times, bytes, ...(hops === undefined ? {} : { hops }) }
}

/** Finds how many calls fill a segment, which warms the code on the way. */
async function calibrate(side: Side, segmentMs: number, between: Pair['between']): Promise<void> {
  for (let segment = 0; segment < WARM_SEGMENTS;) {
    await between?.()
    const tookMs = await timed(side)
    if (tookMs >= segmentMs / 2) segment++
    const fitting = (side.calls * segmentMs) / Math.max(tookMs, 0.01)
    side.calls = Math.ceil(Math.min(fitting, side.calls * 4) / IN_FLIGHT) * IN_FLIGHT
    await loopTurn()
  }
}

async function alternate(
  bare: Side,
  subject: Side,
  { effort, between }: { readonly effort: Effort; readonly between: Pair['between'] },
): Promise<{ ns: number; bareNs: number; ratio: number }> {
  const bareNs: number[] = []
  const subjectNs: number[] = []
  const ratios: number[] = []
  for (let pass = 0; pass < effort.passes; pass++) {
    const taken = new Map<Side, number>()
    for (const side of pass % 2 === 0 ? [bare, subject] : [subject, bare]) {
      await between?.()
      taken.set(side, ((await timed(side)) * 1e6) / side.calls)
      await loopTurn()
    }
    const [b = Number.NaN, s = Number.NaN] = [taken.get(bare), taken.get(subject)]
    bareNs.push(b)
    subjectNs.push(s)
    ratios.push(s / b)
  }
  return { ns: median(subjectNs), bareNs: median(bareNs), ratio: median(ratios) }
}

async function timed(side: Side): Promise<number> {
  const start = performance.now()
  await side.loop(side.call, side.calls)
  return performance.now() - start
}

/** Allocation per call, the loop's own await included. Fewer calls when so much is allocated that a collection would step in. */
async function bytesPerCall(side: Side): Promise<number> {
  const samples: number[] = []
  // A segment of few calls means slow calls; thousands of them would take seconds.
  let calls = side.calls < BYTE_CALLS / 2 ? FEW_BYTE_CALLS : BYTE_CALLS
  while (samples.length < BYTE_SAMPLES) {
    collectGarbage()
    const before = allocated()
    await side.loop(side.call, calls)
    const grown = allocated() - before
    const suspicious = grown < 0 || grown > BYTES_THAT_FIT
    if (suspicious && calls > FEW_BYTE_CALLS) calls = FEW_BYTE_CALLS
    else samples.push(grown / calls)
    await loopTurn()
  }
  return median(samples)
}

/** Forces a full collection; needs `--expose-gc`. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  globalThis.gc()
}

/** Bytes in use on and off the heap. */
export function allocated(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** Microtask ticks until the caller goes on; absent when it takes more than microtasks. */
async function hopsOf(call: () => unknown): Promise<number | undefined> {
  let arrived = false
  const arrive = async (): Promise<void> => {
    try {
      await call()
    } catch {
      // A rejection arrives as well as a value.
    }
    arrived = true
  }
  const arrival = arrive()
  let ticks = 0
  while (ticks < MOST_HOPS) {
    await undefined
    ticks++
    if (arrived) return ticks
  }
  await arrival
  return undefined
}
