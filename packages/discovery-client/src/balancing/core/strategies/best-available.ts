/**
 * Ribbon's `BestAvailableRule`: of all hosts that do not rest after failures, the one with the fewest calls in flight. O(n), because
 * it asks them all. Ribbon gives every tie to the first of the list, which sends a quiet client's whole traffic to one server; here
 * chance breaks ties.
 */
import { drawIndex } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

export class BestAvailablePicker implements Picker<Host> {
  private readonly hosts: readonly Host[]

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
  }

  score(host: Host): number {
    return host.inFlight
  }

  pick(question: Question): Host | undefined {
    const best = this.best(question, false) ?? this.best(question, true)
    if (best !== undefined) question.compared(best.inFlight, undefined, 0)
    return best
  }

  private best(question: Question, alsoResting: boolean): Host | undefined {
    const isGood = (host: Host): boolean =>
      !question.isExcluded(host) && (alsoResting || !host.isResting(question.now))
    let least = Infinity
    let equals = 0
    for (const host of this.hosts) {
      if (host.inFlight > least || !isGood(host)) continue
      equals = host.inFlight < least ? 1 : equals + 1
      least = host.inFlight
    }
    let turn = drawIndex(equals, question)
    return this.hosts.find((host) => host.inFlight === least && isGood(host) && turn-- === 0)
  }
}
