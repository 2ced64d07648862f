/**
 * The machine of the line whose trials are leased: as Hystrix in when it opens and in what it counts, and as our own in
 * who may move it. Only the trial closes it or opens it again, while its lease lasts; one that ends without a result gives
 * its place to the next call; and who was admitted before it closed is not counted after.
 */
import { HalfOpen } from './half-open.js'
import type { TrialRules } from './half-open.js'
import { HystrixMachine } from './hystrix-machine.js'
import type { Underneath } from './hystrix-machine.js'
import type { Lease } from './lease.js'
import type { AdmittedCall, MachineConfig, Verdict } from './machine-data.js'

export class LeasedTrialMachine extends HystrixMachine {
  /** While it is half-open. */
  private halfOpen: HalfOpen | null = null
  /** The trial that closed it: of all who were admitted before, only this one is counted. */
  private closer: Lease | null = null
  /** The first generation that is counted. */
  private countsFrom = 0

  override waitMs(now: number): number {
    return this.state === 'half-open' && this.halfOpen !== null
      ? this.halfOpen.waitMs(now)
      : super.waitMs(now)
  }

  override settle(admitted: AdmittedCall, verdict: Verdict, now: number): boolean {
    const { generation, lease } = admitted
    const isHeard = lease?.isHeard === true || this.workEnded(admitted, verdict, now)
    const isCounted = generation >= this.countsFrom || (lease !== null && lease === this.closer)
    if (isCounted) this.counted(verdict, now)
    return isHeard && isCounted
  }

  override workEnded({ generation, lease }: AdmittedCall, verdict: Verdict, now: number): boolean {
    this.catchUp(now)
    if (lease?.role !== 'probe') return generation >= this.generation
    if (this.halfOpen?.giveBack(lease, now) !== true) {
      if (verdict === 'success') this.halfOpen?.wentWellLate(lease, now)
      return false
    }
    if (this.isSwitchedOff || verdict === 'neutral') return true
    if (verdict === 'failure') this.open('trial failed', now)
    else {
      this.close('trial succeeded', now)
      this.closer = lease
    }
    return true
  }

  override configure(config: MachineConfig, now: number): void {
    super.configure(config, now)
    if (this.halfOpen !== null) this.halfOpen.rules = this.trialRules
  }

  override reset(now: number): void {
    this.halfOpen = null
    super.reset(now)
    this.forgetOthers()
  }

  protected override admitsTrial(lease: Lease, now: number): boolean {
    if (this.underneath === 'open') this.moveUnderneath('half-open', 'sleep window over', now)
    return this.halfOpen?.admit(lease, now) === true
  }

  protected override close(reason: string, now: number): void {
    super.close(reason, now)
    this.forgetOthers()
  }

  protected override moveUnderneath(to: Underneath, reason: string, now: number, openMs?: number): void {
    this.halfOpen = to === 'half-open' ? new HalfOpen(this.trialRules) : null
    super.moveUnderneath(to, reason, now, openMs)
  }

  /** Those under way were admitted before; the generation goes on even where the state that is told does not. */
  private forgetOthers(): void {
    this.closer = null
    this.countsFrom = ++this.generation
  }

  private get trialRules(): TrialRules {
    return { probeLimit: 1, closeAfter: 1, leaseMs: Infinity, ...this.rules.lease }
  }
}
