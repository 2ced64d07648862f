/**
 * Of two hosts the one with fewer calls in flight. Two traps belong to the algorithm: a client with one call at a time has
 * nothing to compare, and a host that fails at once looks idle. `adaptive` has neither.
 */
import type { Host } from '../host.js'
import { TwoChoicesPicker } from './two-choices.js'
import type { Weighing } from './two-choices.js'

export class LeastRequestPicker extends TwoChoicesPicker {
  protected override weigh(host: Host, weighing: Weighing): void {
    weighing.chosenScore = this.loadOf(host)
  }
}
