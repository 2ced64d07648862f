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
import { allowedOf, areEqual, drawIndex, DRAWS, weightsOf } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** None of so many draws may be chosen. */
const NOBODY = -1
/** How much worse the one host of both draws must be. */
const FAR_WORSE = 2

/** Where a score is written to. */
export interface Weighing {
  readonly now: number
  chosenScore: number
}

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
  score(host: Host, now: number): number {
    const weighing = { now, chosenScore: 0 }
    this.weigh(host, weighing)
    return weighing.chosenScore
  }

  /** Writes the score down: numbers that are handed from call to call are objects on the heap. */
  protected abstract weigh(host: Host, weighing: Weighing): void

  pick(question: Question): Host | undefined {
    const { hosts } = this
    if (question.excludes) return this.pickAllowed(question)
    if (hosts.length < 2) return this.only(hosts[0], question)
    return this.table === undefined
      ? this.pickEven(hosts, question)
      : this.pickWeighted(hosts, this.table, question)
  }

  /** Calls in flight, as they weigh on a host of this weight. */
  protected loadOf(host: Host): number {
    return this.table === undefined || host.weight === 0
      ? host.inFlight
      : host.inFlight * (this.meanWeight / host.weight)
  }

  /**
   * Whether the second of two is taken, whose score is the rival's as yet; otherwise the first is, which chance has chosen.
   */
  protected beats(_second: Host, _first: Host, { rivalScore, chosenScore }: Question): boolean {
    return rivalScore < chosenScore
  }

  /** The better one of this and one more that is drawn. */
  protected orAnother(best: Host, question: Question): Host {
    const other = this.hosts[this.drawAllowed(question, NOBODY)]
    return other === undefined || other === best ? best : this.better(best, other, question)
  }

  private pickEven(hosts: readonly Host[], question: Question): Host | undefined {
    const first = drawIndex(hosts.length, question)
    const other = drawIndex(hosts.length - 1, question)
    const second = other < first ? other : other + 1
    return this.better(hosts[first] as Host, hosts[second] as Host, question)
  }

  private pickWeighted(hosts: readonly Host[], table: AliasTable, question: Question): Host {
    const { random } = question
    const first = table.draw(random.next(), random.next())
    const second = table.draw(random.next(), random.next())
    if (first !== second) return this.better(hosts[first] as Host, hosts[second] as Host, question)
    return this.unlessFarWorse(hosts[first] as Host, otherThan(hosts, first, question), question)
  }

  /** The same among those that may be chosen: by drawing until it is one of them, or by listing them where they are few. */
  private pickAllowed(question: Question): Host | undefined {
    const { hosts, table } = this
    const first = this.drawAllowed(question, NOBODY)
    const second =
      first === NOBODY ? NOBODY : this.drawAllowed(question, table === undefined ? first : NOBODY)
    if (second === NOBODY) return this.pickAmong(allowedOf(hosts, question), question)
    if (first === second) return this.only(hosts[first], question)
    return this.better(hosts[first] as Host, hosts[second] as Host, question)
  }

  private drawAllowed(question: Question, other: number): number {
    const { hosts, table } = this
    const { random } = question
    for (let draw = 0; draw < DRAWS; draw++) {
      const index =
        table === undefined ? drawIndex(hosts.length, question) : table.draw(random.next(), random.next())
      if (index !== other && !question.isExcluded(hosts[index] as Host)) return index
    }
    return NOBODY
  }

  // Those that weigh nothing are for when there is no other.
  private pickAmong(allowed: readonly Host[], question: Question): Host | undefined {
    const weighing = allowed.filter(({ weight }) => weight > 0)
    const hosts = weighing.length > 0 ? weighing : allowed
    if (hosts.length < 2) return this.only(hosts[0], question)
    const weights = weightsOf(hosts)
    return areEqual(weights)
      ? this.pickEven(hosts, question)
      : this.pickWeighted(hosts, new AliasTable(weights), question)
  }

  private only(host: Host | undefined, question: Question): Host | undefined {
    if (host !== undefined) question.compared(this.score(host, question.now), undefined, 0)
    return host
  }

  private better(first: Host, second: Host, question: Question): Host {
    // Asked for in one place, which the compiler can take the whole score into.
    for (let turn = 0; turn < 2; turn++) {
      question.rivalScore = question.chosenScore
      this.weigh(turn === 0 ? second : first, question)
    }
    question.hasScores = true
    question.rival = second
    if (!this.beats(second, first, question)) return first
    const { chosenScore } = question
    question.chosenScore = question.rivalScore
    question.rivalScore = chosenScore
    question.rival = first
    return second
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
}

function otherThan(hosts: readonly Host[], first: number, question: Question): Host {
  const other = drawIndex(hosts.length - 1, question)
  return hosts[other < first ? other : other + 1] as Host
}
