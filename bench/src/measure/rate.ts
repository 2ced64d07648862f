// CPU time, memory and stalls at a fixed rate. The stretch with the library stands between two bare ones of the same process, and what
// its timers do in the background is in the numbers, unlike in the loops.

import type { Group } from '../group.ts'
import type { Library } from '../subjects/subject.ts'
import type { Effort } from './effort.ts'
import { OpenLoop } from './open-loop.ts'
import type { Metrics } from './paired.ts'

/**
 * `us` and `bareUs` of CPU per call, `ratio` and `extraUs` between them, `rssOverMb` and `stallOverMs` over bare, `stallMs`, and `missed`,
 * the share of calls that could not be made.
 */
export async function measureRate(group: Group, library: Library, effort: Effort): Promise<Metrics> {
  if (group.rate === undefined) throw new Error(`${group.id} has no rate`)
  const { rateWarmMs: warmMs, rateBareMs: bareMs, rateMs } = effort
  const loop = new OpenLoop(group.rate)
  await loop.run(loop.work, warmMs)
  const before = await loop.run(loop.work, bareMs)
  const subject = library.adapter({
    policies: group.policies,
    mode: group.mode,
    work: loop.work,
    key: group.id,
  })
  if (subject === undefined) throw new Error('cannot do this')
  await loop.run(subject.call, warmMs)
  const loaded = await loop.run(subject.call, rateMs)
  subject.dispose?.()
  const after = await loop.run(loop.work, bareMs)
  const bareUs = (before.us + after.us) / 2
  return {
    us: loaded.us,
    bareUs,
    ratio: loaded.us / bareUs,
    extraUs: loaded.us - bareUs,
    stallMs: loaded.stallMs,
    stallOverMs: loaded.stallMs - Math.max(before.stallMs, after.stallMs),
    rssOverMb: loaded.rssMb - before.rssMb,
    missed: loaded.missed,
  }
}
