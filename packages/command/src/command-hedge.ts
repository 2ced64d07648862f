/**
 * A hedge as one command uses it: its events are the command's own, because an update may replace it while listeners
 * stay. What is inside of it asks the command what an error means, as one attempt without a hedge does.
 */
import type { Hedge, HedgeEvents } from '@breakwater/breaker'
import type {
  Emitter,
  FailedOutcome,
  HedgePart,
  MeterPart,
  NextHedge,
  OutcomeKind,
  Stage,
} from '@breakwater/kernel'

/** Who hears of the further attempts of a command. */
export class HedgeLedger {
  events: Emitter<Pick<HedgeEvents, 'hedge'>> | null = null
}

/** The stages of `hedge`: itself, and `meter`'s view of errors for what is inside. */
export function hedgeStages(hedge: Hedge, meter: MeterPart, ledger: HedgeLedger): Stage[] {
  const { part, clock, describe } = hedge.stage
  return [
    // A hedge fills the slot of the hedge, and no other.
    { slot: 'hedge', part: new CommandHedge(part as HedgePart, ledger), clock, describe },
    { slot: 'meter', part: new Judge(meter), describe: () => ({ kind: 'judge' }) },
  ]
}

class CommandHedge implements HedgePart {
  readonly maxHedges: number
  readonly budget: object | undefined

  constructor(
    private readonly part: HedgePart,
    private readonly ledger: HedgeLedger,
  ) {
    this.maxHedges = part.maxHedges
    this.budget = part.budget
  }

  called(now: number, isCounted: boolean): void {
    this.part.called(now, isCounted)
  }

  delayMs(now: number): number | undefined {
    return this.part.delayMs(now)
  }

  wants(outcome: FailedOutcome, attempt: number): boolean {
    return this.part.wants(outcome, attempt)
  }

  mayBegin(next: NextHedge, now: number): boolean {
    if (!this.part.mayBegin(next, now)) return false
    this.ledger.events?.emit('hedge', { ...next, at: now })
    return true
  }

  ended(kind: OutcomeKind, durationMs: number, now: number): void {
    this.part.ended(kind, durationMs, now)
  }

  won(attempt: number, now: number): void {
    this.part.won(attempt, now)
  }
}

/** Says what an error means, and counts nothing: the calls are counted outside of the hedge. */
class Judge implements MeterPart {
  constructor(private readonly meter: MeterPart) {}

  kindOf(error: unknown): FailedOutcome['kind'] {
    return this.meter.kindOf(error)
  }

  started(): void {}
  ended(): void {}
  succeeded(): void {}
  answered(): void {}
  threw(): void {}
}
