// What a dashboard or an exporter pays each time that it looks at one breaker.

import { performance } from 'node:perf_hooks'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { median } from '../statistics.ts'
import type { Library, Work } from '../subjects/subject.ts'
import type { Effort } from './effort.ts'
import type { Metrics } from './paired.ts'

type Read = () => unknown
type ReadLoop = (read: Read, reads: number) => unknown

const SAMPLES = 1_000
const WARM_SEGMENTS = 6

let made = 0

/** `totalsNs`, `p99Ns`, `snapshotNs` and `scrapeNs`, as far as the library has such a reader. */
export async function measureReads(library: Library, effort: Effort): Promise<Metrics> {
  if (library.readers === undefined) throw new Error('has no statistics to read')
  const { call, ...reads } = library.readers()
  for (let i = 0; i < SAMPLES; i++) await call(work)
  const metrics: Record<string, number> = {}
  for (const [name, read] of Object.entries(reads)) metrics[`${name}Ns`] = await timePerRead(read, effort)
  return metrics
}

async function timePerRead(read: Read, { passes, segmentMs }: Effort): Promise<number> {
  const loop = makeReadLoop()
  let reads = 100
  for (let segment = 0; segment < WARM_SEGMENTS; segment++) {
    const tookMs = timed(() => loop(read, reads))
    reads = Math.ceil(Math.min((reads * segmentMs) / Math.max(tookMs, 0.01), reads * 8))
  }
  const ns: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    ns.push((timed(() => loop(read, reads)) * 1e6) / reads)
    // The peers' timers get their turn between segments, as in the paired scenarios.
    await loopTurn()
  }
  return median(ns)
}

function timed(run: () => unknown): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

/** Compiled apart for each read, for the reason told in `loops.ts`. The last answer leaves the loop, so none can be optimised away. */
function makeReadLoop(): ReadLoop {
  const source = `// read loop ${++made}
    let last
    for (let i = 0; i < reads; i++) last = read()
    return last`
  return new Function('read', 'reads', source) as ReadLoop
}

const work: Work = async () => 1
