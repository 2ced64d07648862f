/** Any instance, each as likely as the other. Blind to weights and speed; the share of an excluded one goes to all others alike. */
import { drawAny } from '../draw.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

export class RandomPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
  }

  pick(question: Question): Host | undefined {
    return drawAny(this.hosts, question)
  }
}
