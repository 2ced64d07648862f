// Time per failure against the number of samples already in the breaker's window. A breaker that looks at its samples on each failure
// gets slower exactly when the service behind it is in trouble and traffic is high.

import { performance } from 'node:perf_hooks'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { deviation, median } from '../statistics.ts'
import type { Library, Subject } from '../subjects/subject.ts'
import type { Effort } from './effort.ts'
import { makeLoop } from './loops.ts'
import { collectGarbage } from './paired.ts'
import type { Metrics } from './paired.ts'
import { SharedWork } from './work.ts'

/** Successes put into the window before failures are timed. */
export const SAMPLE_COUNTS: readonly number[] = [100, 1_000, 10_000, 100_000]

const FAILURES = 50
const WARM_REPEATS = 8

/** Metrics `ns100` … `ns100000`, `x100` … (times the bare rejection) and `deviation` of the latter. */
export async function measureGrowth(library: Library, effort: Effort): Promise<Metrics> {
  const bench = new GrowthBench(library)
  for (let i = 0; i < WARM_REPEATS; i++) await bench.once(1_000)
  const metrics: Record<string, number> = {}
  const ratios: number[] = []
  const seen = new Map(SAMPLE_COUNTS.map((samples) => [samples, { ns: [] as number[], x: [] as number[] }]))
  const start = performance.now()
  for (
    let i = 0;
    i < effort.growthRepeats && (i < 2 || performance.now() - start < effort.growthBudgetMs);
    i++
  ) {
    for (const [samples, { ns, x }] of seen) {
      const { failureNs, bareNs } = await bench.once(samples)
      ns.push(failureNs)
      x.push(failureNs / bareNs)
    }
  }
  for (const [samples, { ns, x }] of seen) {
    metrics[`ns${samples}`] = median(ns)
    metrics[`x${samples}`] = median(x)
    ratios.push(median(x))
  }
  return { ...metrics, deviation: deviation(ratios) }
}

class GrowthBench {
  private readonly library: Library
  private readonly feed = makeLoop('success')
  private readonly fail = makeLoop('rejection')
  private readonly bare = makeLoop('rejection')
  private built = 0

  constructor(library: Library) {
    this.library = library
  }

  /** A fresh breaker with that many successes in its window, then a run of failures and one of bare rejections. */
  async once(samples: number): Promise<{ failureNs: number; bareNs: number }> {
    const work = new SharedWork()
    const subject = this.library.adapter({
      policies: 'breaker',
      mode: 'fails',
      work: work.run,
      key: `growth-${this.built++}`,
    })
    if (subject === undefined) throw new Error('has no breaker alone')
    await this.feed(subject.call, samples)
    collectGarbage()
    work.failing = true
    const result = await this.timeFailures(subject, work)
    subject.dispose?.()
    await loopTurn()
    return result
  }

  private async timeFailures(
    subject: Subject,
    work: SharedWork,
  ): Promise<{ failureNs: number; bareNs: number }> {
    // The collection before this emptied the caches; both sides get one untimed run.
    await this.fail(subject.call, FAILURES)
    const failureNs = await perCall(() => this.fail(subject.call, FAILURES))
    await this.bare(work.run, FAILURES)
    const bareNs = await perCall(() => this.bare(work.run, FAILURES))
    return { failureNs, bareNs }
  }
}

async function perCall(run: () => Promise<number>): Promise<number> {
  const start = performance.now()
  const rejected = await run()
  const tookMs = performance.now() - start
  if (rejected !== FAILURES) throw new Error(`${rejected} of ${FAILURES} calls rejected`)
  return (tookMs * 1e6) / FAILURES
}
