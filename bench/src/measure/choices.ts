// What a choice costs by itself: the strategy's picker and its question, without the pick that a balancer makes of it for its caller, and without
// the clock. That part is not public, so it is run from its sources.

import { seededRandom } from '@breakwater/kernel'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundleSources } from '../../../scripts/bundle-sources.ts'
import type * as Parts from './choice-parts.ts'
import type { Effort } from './effort.ts'
import type { Metrics } from './paired.ts'
import { KEYS, listOf, measureMany, strategyOf, takesKeys } from './picks.ts'

const PARTS = fileURLToPath(new URL('choice-parts.ts', import.meta.url))
/** Time goes on by so much from choice to choice, as in a process that makes a hundred thousand a second. */
const STEP_MS = 0.01
const BEGIN_MS = 1e6
/** Instances answer in times that differ by up to so many milliseconds. No call is in flight: it would be in flight for ever. */
const LATENCIES = 11

/** Metrics `pickNs` and `pickBytes`, of the choice alone. */
export async function measureChoices(instances: number, subject: string, effort: Effort): Promise<Metrics> {
  const { HostTable, Question, Selection } = await loadParts()
  const table = new HostTable()
  table.update(listOf(instances), 0)
  table.eligible.forEach(use)
  const selection = new Selection(strategyOf(subject) ?? 'adaptive', table.eligible, undefined)
  // As a balancer has it.
  const question = new Question(seededRandom('choices'))
  const now = new Float64Array([BEGIN_MS])
  const hasKeys = takesKeys(subject)
  let chosen: Parts.Host | undefined
  const choose = (count: number): void => {
    for (let choice = 0; choice < count; choice++) {
      now[0] = (now[0] as number) + STEP_MS
      question.begin(now[0], hasKeys ? KEYS[choice % KEYS.length] : undefined, undefined)
      chosen = selection.pick(question)
    }
  }
  const metrics = await measureMany(choose, effort)
  if (chosen === undefined) throw new Error('chooses nobody')
  return metrics
}

/** An instance that has answered. */
function use(host: Parts.Host, index: number): void {
  const latencyMs = 5 + (index % LATENCIES)
  host.started(BEGIN_MS - latencyMs)
  host.ended('success', latencyMs, 0, BEGIN_MS)
}

async function loadParts(): Promise<typeof Parts> {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-choices-'))
  try {
    const bundle = await bundleSources(PARTS, folder)
    return (await import(pathToFileURL(bundle).href)) as typeof Parts
  } finally {
    await rm(folder, { recursive: true })
  }
}
