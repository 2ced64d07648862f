/**
 * The life story of a breaker for exporters: monotone counters and the time spent in each state. Made at the first
 * event worth a line, so a breaker that never trips has none.
 */
import type { BreakerReading, BreakerState, EpochMs, OutcomeKind } from '@breakwater/kernel'
import type { Transition } from './core/machine-data.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const NO_STATE_MS: BreakerReading['stateMs'] = {
  closed: 0,
  open: 0,
  'half-open': 0,
  'forced-open': 0,
  'forced-closed': 0,
  disabled: 0,
  'metrics-only': 0,
}
const NO_PROBES: BreakerReading['probes'] = {
  success: 0,
  failure: 0,
  timeout: 0,
  rejected: 0,
  cancelled: 0,
  ignored: 0,
}

export class Ledger {
  lastTransitionAt: EpochMs | undefined = undefined
  private readonly stateMs: Mutable<BreakerReading['stateMs']> = { ...NO_STATE_MS }
  private readonly probes: Mutable<BreakerReading['probes']> = { ...NO_PROBES }
  private readonly toTell: Transition[] = []
  private readonly edges = new Map<string, Mutable<BreakerReading['transitions'][number]>>()

  probeEnded(kind: OutcomeKind): void {
    this.probes[kind]++
  }

  moved(transition: Transition, epochNow: EpochMs): void {
    const { from, to, afterMs } = transition
    this.toTell.push(transition)
    this.stateMs[from] += afterMs
    this.lastTransitionAt = epochNow
    const key = `${from} ${to}`
    const edge = this.edges.get(key) ?? { from, to, count: 0 }
    edge.count++
    this.edges.set(key, edge)
  }

  /** The transitions that nobody was told of so far; who hears of one may cause others, which come after the rest. */
  *untold(): Generator<Transition> {
    for (let next = this.toTell.shift(); next !== undefined; next = this.toTell.shift()) yield next
  }

  /** The counters, with the present state's time until now. */
  static read(
    ledger: Ledger | null,
    state: BreakerState,
    inStateMs: number,
  ): Pick<BreakerReading, 'stateMs' | 'transitions' | 'probes' | 'lastTransitionAt'> {
    const stateMs = { ...(ledger?.stateMs ?? NO_STATE_MS) }
    stateMs[state] += inStateMs
    return {
      stateMs,
      transitions: [...(ledger?.edges.values() ?? [])].map((edge) => ({ ...edge })),
      probes: { ...(ledger?.probes ?? NO_PROBES) },
      lastTransitionAt: ledger?.lastTransitionAt,
    }
  }
}
