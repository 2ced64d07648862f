/** How often each detector found an outlier, and what came of it. Only ever grows. */
import { EJECTION_DETECTORS } from './rules.js'
import type { EjectionDetector, SparedReason } from './rules.js'

/** What one detector has found since the balancer began. */
export interface DetectorCount {
  readonly detector: EjectionDetector
  /** The sum of the others. */
  readonly detected: number
  readonly enforced: number
  /** Outliers that were left in service, by reason. */
  readonly unenforced: Readonly<Record<SparedReason, number>>
}

type Found = Record<'enforced' | SparedReason, number>

const none = (): Found => ({ enforced: 0, max_ejected: 0, enforcing_percent: 0, common_fault: 0 })

export class EjectionTally {
  private readonly found: Readonly<Record<EjectionDetector, Found>> = {
    consecutiveFailures: none(),
    consecutiveGatewayFailures: none(),
    consecutiveLocalFailures: none(),
    successRate: none(),
    failurePercentage: none(),
    trial: none(),
  }

  /** One more; without a reason it was ejected. */
  count(by: EjectionDetector, spared: SparedReason | undefined): void {
    this.found[by][spared ?? 'enforced']++
  }

  describe(): readonly DetectorCount[] {
    return EJECTION_DETECTORS.map((detector) => {
      const { enforced, ...unenforced } = this.found[detector]
      const { max_ejected, enforcing_percent, common_fault } = unenforced
      return {
        detector,
        detected: enforced + max_ejected + enforcing_percent + common_fault,
        enforced,
        unenforced,
      }
    })
  }
}
