/**
 * Ribbon's `ZoneAvoidanceRule`: round robin over the hosts of all zones that are not to be avoided, and that do not rest after failures. A zone
 * is avoided when all of its hosts rest, and the one with the highest load when it stands out. Ribbon judges anew for every
 * server of every pick, O(n²); here the judgement is renewed ten times a second, so picks are O(1) amortised.
 *
 * In Ribbon a load of 0.2 calls a server is enough to drop the worst zone, which is below any normal load: one of two zones that
 * differ by a hair is always dropped (Netflix/ribbon#473). Here it must also have half as much again as the others.
 */
import { drawAny } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'
import { RoundRobinPicker } from './round-robin.js'

const RENEW_MS = 100
/** `triggeringLoadPerServerThreshold`. */
const LOAD_TO_AVOID = 0.2
/** How much more load than the mean of the other zones makes a zone the worst one. */
const FACTOR_TO_AVOID = 1.5

interface ZoneState {
  readonly awake: readonly Host[]
  /** Calls in flight per host that does not rest. */
  readonly load: number
}

export class ZoneAvoidancePicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  private readonly zones: readonly (readonly Host[])[]
  private turns: RoundRobinPicker
  private chosen: readonly Host[]
  private renewedAt = -Infinity

  constructor(hosts: readonly Host[], previous?: Picker) {
    this.hosts = hosts
    this.zones = [...Map.groupBy(hosts, ({ zone }) => zone).values()]
    this.chosen = hosts
    this.turns = new RoundRobinPicker(
      hosts,
      previous instanceof ZoneAvoidancePicker ? previous.turns : undefined,
    )
  }

  pick(question: Question): Host | undefined {
    if (question.now - this.renewedAt >= RENEW_MS) this.renew(question.now)
    // All that are chosen are excluded: another zone is better than the same host again.
    if (question.excludes && this.chosen.every((host) => question.isExcluded(host))) {
      return drawAny(this.hosts, question)
    }
    return this.turns.pick(question)
  }

  private renew(now: number): void {
    this.renewedAt = now
    const states = this.zones.flatMap((zone) => stateOf(zone, now) ?? [])
    const kept = states.length === this.zones.length ? withoutWorst(states) : states
    const chosen = kept.flatMap(({ awake }) => awake)
    this.chosen = chosen.length > 0 ? chosen : this.hosts
    this.turns = new RoundRobinPicker(this.chosen, this.turns)
  }
}

/** `undefined` for a zone in which nobody can be called. */
function stateOf(zone: readonly Host[], now: number): ZoneState | undefined {
  const awake = zone.filter((host) => !host.isResting(now))
  if (awake.length === 0) return undefined
  return { awake, load: awake.reduce((sum, { inFlight }) => sum + inFlight, 0) / awake.length }
}

function withoutWorst(zones: readonly ZoneState[]): readonly ZoneState[] {
  if (zones.length < 2) return zones
  const worst = zones.reduce((one, other) => (other.load > one.load ? other : one))
  const others = zones.filter((zone) => zone !== worst)
  const mean = others.reduce((sum, { load }) => sum + load, 0) / others.length
  return worst.load >= LOAD_TO_AVOID && worst.load > mean * FACTOR_TO_AVOID ? others : zones
}
