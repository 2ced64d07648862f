/**
 * Of two hosts the one with less latency × calls in flight, where latency is a mean that jumps to each peak and decays
 * towards zero (Finagle's and Linkerd's balancer). A host that never answered is tried once, not twice. Failures count as slow answers, as in
 * Linkerd since 2026, so a host that fails fast attracts nobody. What stays is that decay: a host that was slow is tried again after some ten
 * seconds by every client, and by those with few calls at the cost of their tail.
 */
import type { Host } from '../host.js'
import { TwoChoicesPicker } from './two-choices.js'
import type { Weighing } from './two-choices.js'

export class PeakEwmaPicker extends TwoChoicesPicker {
  protected override weigh(host: Host, weighing: Weighing): void {
    weighing.chosenScore = host.peakAt(weighing.now) * (this.loadOf(host) + 1)
  }
}
