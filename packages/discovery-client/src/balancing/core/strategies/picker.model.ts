/** What the tests of pickers share: hosts of any state, and chance that is told what to say. */
import type { Random } from '@breakwater/kernel'
import { fleet } from '../../balancing.model.js'
import type { InstanceEntry } from '../../../sources/core/read-instances.js'
import { Host } from '../host.js'
import { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** Hosts i0, i1, … with so many calls in flight each. */
export function busy(...inFlight: readonly number[]): Host[] {
  return hostsOf(inFlight.length, () => ({})).map((host, index) =>
    Object.assign(host, { inFlight: inFlight[index] }),
  )
}

/** Hosts i0, i1, …, which weigh as their instances say. */
export function hostsOf(count: number, more: (index: number) => Partial<InstanceEntry>): Host[] {
  return fleet(count, more).map((instance) =>
    Object.assign(new Host(instance), { weight: instance.weight ?? 1 }),
  )
}

/** Says these numbers, one after the other, over and over. */
export function dice(...numbers: readonly number[]): Random {
  let thrown = 0
  return { next: () => numbers[thrown++ % numbers.length]! }
}

interface Asked {
  readonly now?: number
  readonly random?: Random
  readonly exclude?: readonly Host[]
}

/** A question to a picker. */
export function questionOf({ now = 0, random = dice(0), exclude = [] }: Asked = {}): Question {
  const question = new Question(random)
  question.begin(now, undefined, undefined)
  for (const host of exclude) question.excludeAlso(host)
  return question
}

/** The id of the one that is chosen. */
export function chosenBy(picker: Picker<Host>, asked: Asked = {}): string | undefined {
  return picker.pick(questionOf(asked))?.id
}

/** Fails until it rests. */
export function tire(host: Host, now = 0): void {
  for (let call = 0; call < 3; call++) {
    host.started(now)
    host.ended('failure', 1, 0, now)
  }
}
