/**
 * The first level that has a host in service takes all calls, in turns. Levels are the numbers in `metadata.priority`, lowest
 * first, where any host has one (those without come last), and else the order of the list: the first host is the primary, the others its backups. A host is
 * out of service while it rests after failures; when all rest, the first level is tried all the same.
 */
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'
import { RoundRobinPicker } from './round-robin.js'

const PRIORITY = /^\d{1,9}$/

export class PrimaryBackupPicker implements Picker<Host> {
  private readonly levels: readonly { readonly hosts: readonly Host[]; readonly turns: RoundRobinPicker }[]

  constructor(hosts: readonly Host[]) {
    const hasPriorities = hosts.some((host) => priorityOf(host) !== undefined)
    const levelOf = (host: Host, index: number): number =>
      hasPriorities ? (priorityOf(host) ?? Infinity) : index
    this.levels = [...Map.groupBy(hosts, levelOf)]
      .sort(([one], [other]) => one - other)
      .map(([, level]) => ({ hosts: level, turns: new RoundRobinPicker(level) }))
  }

  pick(question: Question): Host | undefined {
    return this.first(question, false) ?? this.first(question, true)
  }

  private first(question: Question, alsoResting: boolean): Host | undefined {
    for (const { hosts, turns } of this.levels) {
      const isGood = (host: Host): boolean =>
        !question.isExcluded(host) && (alsoResting || !host.isResting(question.now))
      // A turn each at most: the first good one in their order.
      for (let turn = 0; turn < hosts.length; turn++) {
        const host = turns.next(question)
        if (isGood(host)) return host
      }
    }
    return undefined
  }
}

function priorityOf({ instance }: Host): number | undefined {
  const text = instance.metadata['priority']
  return text !== undefined && PRIORITY.test(text) ? Number(text) : undefined
}
