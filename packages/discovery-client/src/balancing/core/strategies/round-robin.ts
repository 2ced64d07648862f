/**
 * One after the other, from a random start, so that many clients do not march in step. The turn of an excluded instance
 * goes to any other: its neighbour would get twice its share. Ribbon's `RoundRobinRule` counts over dead servers too and
 * gives up after ten (Netflix/ribbon#466); here the list holds those that may be called, and no others.
 */
import { drawAny, drawIndex } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

const NOWHERE = -1

export class RoundRobinPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  private cursor: number

  constructor(hosts: readonly Host[], previous?: Picker) {
    this.hosts = hosts
    this.cursor = previous instanceof RoundRobinPicker ? previous.cursor : NOWHERE
  }

  pick(question: Question): Host | undefined {
    const host = this.next(question)
    return question.isExcluded(host) ? drawAny(this.hosts, question) : host
  }

  /** Whose turn it is, wanted or not. */
  next(question: Question): Host {
    const { hosts } = this
    if (this.cursor === NOWHERE) this.cursor = drawIndex(hosts.length, question)
    // The list may have become shorter.
    if (this.cursor >= hosts.length) this.cursor = 0
    return hosts[this.cursor++] as Host
  }
}
