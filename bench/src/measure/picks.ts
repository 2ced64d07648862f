// What choosing an instance costs: a pick and its end, and the pick after a list that has changed.

import { createBalancer } from '@breakwater/discovery-client'
import type { Balancer, Instance, Snapshot, StrategyName } from '@breakwater/discovery-client'
import { performance } from 'node:perf_hooks'
import { setImmediate as loopTurn } from 'node:timers/promises'
import { BalancedPool } from 'undici'
import { median } from '../statistics.ts'
import type { Effort } from './effort.ts'
import { allocated, collectGarbage } from './paired.ts'
import type { Metrics } from './paired.ts'

const WARM_PICKS = 50_000
const BYTE_PICKS = 20_000
const BYTE_SAMPLES = 5
const BYTE_TRIES = 50
const FEW = 1_000
/** Hashing strategies choose by these; made beforehand, because making one costs as much as a pick. */
export const KEYS: readonly string[] = Array.from({ length: 1_024 }, (_, index) => `user-${String(index)}`)
/** So many of a thousand instances change from list to list. */
const CHANGED_SHARE = 0.01
const REBUILDS = 60
/** Our strategies by the names of their subjects, but for the default, which is plain `breakwater`. */
const OURS = 'breakwater, '
const PEER = 'undici BalancedPool'

/** Metrics `pickNs` and `pickBytes`, of the public `pick` and `done` together; of a peer, of its choice alone. */
export function measurePicks(instances: number, subject: string, effort: Effort): Promise<Metrics> {
  return measureMany(pickerOf(subject, instances), effort)
}

/** Metrics `pickNs` and `pickBytes` of one of many. */
export async function measureMany(pick: PickMany, effort: Effort): Promise<Metrics> {
  pick(WARM_PICKS)
  const times: number[] = []
  let picks = FEW
  while (times.length < effort.passes) {
    const tookMs = timed(() => {
      pick(picks)
    })
    if (tookMs >= effort.segmentMs / 2) times.push((tookMs * 1e6) / picks)
    else picks *= 2
    await loopTurn()
  }
  return { pickNs: median(times), pickBytes: await bytesOf(pick) }
}

/** Metric `rebuildUs`: taking over a list of which one in a hundred has changed, and the pick after it. */
export async function measureRebuild(instances: number, subject: string, effort: Effort): Promise<Metrics> {
  const source = new ChangingSource(instances)
  const balancer = balancerOf(subject, source)
  const rounds = Math.max(REBUILDS, effort.passes)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const next = source.changed()
    const tookMs = timed(() => {
      source.publish(next)
      balancer.pick({ key: 'user' }).done('success', 5)
    })
    if (round >= rounds / 3) times.push(tookMs * 1_000)
    await loopTurn()
  }
  return { rebuildUs: median(times) }
}

type PickMany = (count: number) => void

function pickerOf(subject: string, instances: number): PickMany {
  if (subject === PEER) return peerPicker(instances)
  const balancer = balancerOf(subject, new ChangingSource(instances))
  if (!takesKeys(subject)) {
    return (count) => {
      for (let pick = 0; pick < count; pick++) balancer.pick().done('success', 5)
    }
  }
  const asked = KEYS.map((key) => ({ key }))
  return (count) => {
    for (let pick = 0; pick < count; pick++) balancer.pick(asked[pick % asked.length]).done('success', 5)
  }
}

function balancerOf(subject: string, source: ChangingSource): Balancer {
  return createBalancer({ source, service: 'bench', strategy: strategyOf(subject) })
}

export function takesKeys(subject: string): boolean {
  return ['ringHash', 'maglev', 'rendezvous'].some((name) => subject === OURS + name)
}

/** None for the default. */
export function strategyOf(subject: string): StrategyName | undefined {
  // Groups name their subjects by the strategies there are.
  return subject.startsWith(OURS) ? (subject.slice(OURS.length) as StrategyName) : undefined
}

/** undici chooses inside of its dispatch; the method has a symbol for a name. */
function peerPicker(instances: number): PickMany {
  const pool = new BalancedPool(listOf(instances).map(({ host, port }) => `http://${host}:${String(port)}`))
  const name = Object.getOwnPropertySymbols(BalancedPool.prototype).find(
    ({ description }) => description === 'get dispatcher',
  )
  if (name === undefined) throw new Error('has no method that chooses')
  const choosing = pool as unknown as Record<symbol, () => unknown>
  if (choosing[name]?.() === undefined) throw new Error('chooses nobody')
  return (count) => {
    for (let pick = 0; pick < count; pick++) choosing[name]?.()
  }
}

async function bytesOf(pick: PickMany): Promise<number> {
  const samples: number[] = []
  for (let tries = 0; samples.length < BYTE_SAMPLES; tries++) {
    if (tries === BYTE_TRIES) throw new Error('what picks allocate cannot be weighed here')
    collectGarbage()
    await loopTurn()
    const before = allocated()
    pick(BYTE_PICKS)
    const each = (allocated() - before) / BYTE_PICKS
    // Less than nothing: what an earlier collection found was given back meanwhile.
    if (each >= 0) samples.push(each)
  }
  // Compilers allocate too, now and then, and so does the reading; what each pick does is in every sample, and comes in whole objects.
  return Math.round(Math.min(...samples))
}

function timed(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

/** A source whose lists cost nothing to make while they are taken over. */
class ChangingSource {
  private list: readonly Instance[]
  private version = 1
  private made: number
  private listener: (snapshot: Snapshot) => void = () => {}

  constructor(instances: number) {
    this.list = listOf(instances)
    this.made = instances
  }

  watch(_service: string, listener: (snapshot: Snapshot) => void): () => void {
    this.listener = listener
    listener(this.snapshot())
    return () => {}
  }

  snapshot(): Snapshot {
    return { service: 'bench', instances: this.list, version: this.version, updatedAt: 0 }
  }

  /** The next list: its oldest members are gone, and as many new ones are there. */
  changed(): readonly Instance[] {
    const gone = Math.max(1, Math.round(this.list.length * CHANGED_SHARE))
    const fresh = Array.from({ length: gone }, () => instance(this.made++))
    return [...this.list.slice(gone), ...fresh]
  }

  publish(list: readonly Instance[]): void {
    this.list = list
    this.version++
    this.listener(this.snapshot())
  }
}

export function listOf(count: number): readonly Instance[] {
  return Array.from({ length: count }, (_, index) => instance(index))
}

function instance(index: number): Instance {
  const host = `10.${String((index >> 16) & 255)}.${String((index >> 8) & 255)}.${String(index & 255)}`
  const zone = `zone-${String(index % 3)}`
  return {
    id: `i${String(index)}`,
    host,
    port: 80,
    secure: false,
    zone,
    status: 'UP',
    metadata: {},
    weight: 1,
  }
}
