/**
 * The power of two choices: draw two, take the better one (Mitzenmacher 1996; Finagle's `P2CPick`). O(1) whatever the
 * number of hosts, and no herd runs to the one that was best a moment ago.
 *
 * Where all weigh the same, the two are distinct and every pair is as likely as the other; on a tie the first one wins,
 * which chance has chosen. Where weights differ, both are drawn in proportion to their weights, and may be the same: two
 * distinct ones of few hosts would be nearly always the same pair, and a weight of a half would bring more than half
 * (Finagle saw 0.61 of three hosts). Only when that one host is far worse than another is the other taken.
 */
import { AliasTable } from '../alias-table.js'
import { allowedOf, areEqual, drawIndex, weightsOf } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** How much worse the one host of both draws must be. */
const FAR_WORSE = 2

export abstract class TwoChoicesPicker implements Picker<Host> {
  protected readonly hosts: readonly Host[]
  private readonly table: AliasTable | undefined
  private readonly meanWeight: number

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
    const weights = weightsOf(hosts)
    this.table = areEqual(weights) ? undefined : new AliasTable(weights)
    this.meanWeight = weights.reduce((sum, weight) => sum + weight / weights.length, 0)
  }

  /** Lower is better. Never negative, and a finite number. */
  abstract score(host: Host, now: number): number

  pick(question: Question): Host | undefined {
    const { hosts } = this
    if (question.excludes) return this.pickAmong(allowedOf(hosts, question), question)
    if (hosts.length < 2) return this.only(hosts[0], question)
    return this.table === undefined ? this.pickEven(hosts, question) : this.pickWeighted(this.table, question)
  }

  /** Calls in flight, as they weigh on a host of this weight. */
  protected loadOf(host: Host): number {
    return this.table === undefined || host.weight === 0
      ? host.inFlight
      : host.inFlight * (this.meanWeight / host.weight)
  }

  /** Whether the second of two is taken; otherwise the first is, which chance has chosen. */
  protected beats(_second: Host, secondScore: number, _first: Host, firstScore: number): boolean {
    return secondScore < firstScore
  }

  private pickEven(hosts: readonly Host[], question: Question): Host | undefined {
    const first = drawIndex(hosts.length, question)
    const other = drawIndex(hosts.length - 1, question)
    const second = other < first ? other : other + 1
    return this.better(hosts[first] as Host, hosts[second] as Host, question)
  }

  private pickWeighted(table: AliasTable, question: Question): Host {
    const { hosts } = this
    const { random } = question
    const first = table.draw(random.next(), random.next())
    const second = table.draw(random.next(), random.next())
    if (first !== second) return this.better(hosts[first] as Host, hosts[second] as Host, question)
    return this.unlessFarWorse(hosts[first] as Host, this.otherThan(first, question), question)
  }

  // Only what is tried again comes here. Those that weigh nothing are for when there is no other.
  private pickAmong(allowed: readonly Host[], question: Question): Host | undefined {
    const weighing = allowed.filter(({ weight }) => weight > 0)
    const hosts = weighing.length > 0 ? weighing : allowed
    return hosts.length < 2 ? this.only(hosts[0], question) : this.pickEven(hosts, question)
  }

  private only(host: Host | undefined, question: Question): Host | undefined {
    if (host !== undefined) question.compared(this.score(host, question.now), undefined, 0)
    return host
  }

  private better(first: Host, second: Host, question: Question): Host {
    const firstScore = this.score(first, question.now)
    const secondScore = this.score(second, question.now)
    if (this.beats(second, secondScore, first, firstScore)) {
      question.compared(secondScore, first, firstScore)
      return second
    }
    question.compared(firstScore, second, secondScore)
    return first
  }

  private unlessFarWorse(host: Host, rival: Host, question: Question): Host {
    const score = this.score(host, question.now)
    const rivalScore = this.score(rival, question.now)
    if (rival.weight > 0 && rivalScore * FAR_WORSE < score) {
      question.compared(rivalScore, host, score)
      return rival
    }
    question.compared(score, rival, rivalScore)
    return host
  }

  private otherThan(first: number, question: Question): Host {
    const other = drawIndex(this.hosts.length - 1, question)
    return this.hosts[other < first ? other : other + 1] as Host
  }
}
