/** The strategies by name. */
import type { Host } from './host.js'
import { AdaptivePicker } from './strategies/adaptive.js'
import { BestAvailablePicker } from './strategies/best-available.js'
import { LeastRequestPicker } from './strategies/least-request.js'
import { MaglevPicker } from './strategies/maglev.js'
import { PeakEwmaPicker } from './strategies/peak-ewma.js'
import { PrimaryBackupPicker } from './strategies/primary-backup.js'
import { RandomPicker } from './strategies/random.js'
import { RendezvousPicker } from './strategies/rendezvous.js'
import { RingHashPicker } from './strategies/ring-hash.js'
import { RoundRobinPicker } from './strategies/round-robin.js'
import { WeightedPicker } from './strategies/weighted.js'
import { WeightedResponseTimePicker } from './strategies/weighted-response-time.js'
import { ZoneAvoidancePicker } from './strategies/zone-avoidance.js'
import type { Picker } from './strategy.js'
import type { Question } from './question.js'

/** The names of the strategies that come with the package. */
export type StrategyName =
  | 'adaptive'
  | 'roundRobin'
  | 'random'
  | 'weighted'
  | 'leastRequest'
  | 'peakEwma'
  | 'ringHash'
  | 'maglev'
  | 'rendezvous'
  | 'zoneAvoidance'
  | 'bestAvailable'
  | 'weightedResponseTime'
  | 'primaryBackup'

/** A picker of ours; it sees more of a host and of the question than those of others. */
export interface BuiltInPicker {
  pick(question: Question): Host | undefined
  score?(host: Host, now: number): number
}

type MakePicker = (hosts: readonly Host[], previous: Picker | undefined) => BuiltInPicker

const MAKERS: Readonly<Record<StrategyName, MakePicker>> = Object.freeze({
  adaptive: (hosts) => new AdaptivePicker(hosts),
  roundRobin: (hosts, previous) => new RoundRobinPicker(hosts, previous),
  random: (hosts) => new RandomPicker(hosts),
  weighted: (hosts) => new WeightedPicker(hosts),
  leastRequest: (hosts) => new LeastRequestPicker(hosts),
  peakEwma: (hosts) => new PeakEwmaPicker(hosts),
  ringHash: (hosts, previous) => new RingHashPicker(hosts, previous),
  maglev: (hosts, previous) => new MaglevPicker(hosts, previous),
  rendezvous: (hosts) => new RendezvousPicker(hosts),
  zoneAvoidance: (hosts, previous) => new ZoneAvoidancePicker(hosts, previous),
  bestAvailable: (hosts) => new BestAvailablePicker(hosts),
  weightedResponseTime: (hosts) => new WeightedResponseTimePicker(hosts),
  primaryBackup: (hosts) => new PrimaryBackupPicker(hosts),
})

export const STRATEGY_NAMES: readonly StrategyName[] = Object.freeze(Object.keys(MAKERS) as StrategyName[])

/** The picker of a strategy of ours for a list that is not empty. */
export function builtInPicker(
  name: StrategyName,
  hosts: readonly Host[],
  previous: Picker | undefined,
): BuiltInPicker {
  return MAKERS[name](hosts, previous)
}
