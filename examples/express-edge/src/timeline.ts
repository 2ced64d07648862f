// What became of the calls of one command over time: short slots, each with its counts. A call belongs to the slot in
// which it was asked for.

/** Who answered for a command: its upstream, or the fallback because of this. */
export const SOURCES = ['upstream', 'failure', 'timeout', 'rejected'] as const
export type Source = (typeof SOURCES)[number]

/** One answer of a command. */
export interface PartAnswer {
  readonly source: Source
  /** The instance that answered; absent for fallbacks. */
  readonly by?: string | undefined
  /** Which attempt brought the answer, from 1. */
  readonly attempt?: number | undefined
  /** What the upstream was told that was left of the whole time, in milliseconds; absent when it was told nothing. */
  readonly leftMs?: number | undefined
}

/** What the upstreams that answered were told that was left, in milliseconds; numbers are absent where nobody was. */
export interface Left {
  readonly least?: number | undefined
  readonly most?: number | undefined
  /** Of second attempts and later ones. */
  readonly mostLater?: number | undefined
  /** Answers of upstreams that were told nothing. */
  readonly untold: number
}

/** The calls of one slot. */
export interface Slot {
  /** When it begins; Unix time. */
  readonly at: number
  readonly answers: Readonly<Record<Source, number>>
  /** Answers of the upstream by instance. */
  readonly by: Readonly<Record<string, number>>
  /** Answers of the upstream that took more than one attempt. */
  readonly retried: number
  readonly left: Left
}

export type Timeline = readonly Slot[]

interface OpenSlot extends Slot {
  readonly answers: Record<Source, number>
  readonly by: Record<string, number>
  retried: number
  left: Left
}

const NOTHING_SAID: Left = { untold: 0 }

export const SLOT_MS = 100

export class TimelineKeeper {
  private readonly slots = new Map<number, OpenSlot>()

  add({ source, by, attempt = 1, leftMs }: PartAnswer, sentAt: number): void {
    const slot = this.slot(Math.floor(sentAt / SLOT_MS) * SLOT_MS)
    slot.answers[source]++
    if (by !== undefined) slot.by[by] = (slot.by[by] ?? 0) + 1
    if (source !== 'upstream') return
    if (attempt > 1) slot.retried++
    slot.left = bothOf(slot.left, {
      least: leftMs,
      most: leftMs,
      mostLater: attempt > 1 ? leftMs : undefined,
      untold: leftMs === undefined ? 1 : 0,
    })
  }

  /** All slots with an answer, oldest first. */
  result(): Timeline {
    return [...this.slots.values()].sort((one, other) => one.at - other.at)
  }

  private slot(at: number): OpenSlot {
    const slot = this.slots.get(at) ?? { at, answers: noAnswers(), by: {}, retried: 0, left: NOTHING_SAID }
    this.slots.set(at, slot)
    return slot
  }
}

export function noAnswers(): Record<Source, number> {
  return { upstream: 0, failure: 0, timeout: 0, rejected: 0 }
}

/** The calls asked for from one time to another, also those of a slot that is only partly within. */
export function within(timeline: Timeline, from: number, to: number): Timeline {
  return timeline.filter(({ at }) => at + SLOT_MS > from && at < to)
}

/** When the first call that this instance answered was asked for, to the slot; `undefined` without one. */
export function firstBy(timeline: Timeline, instance: string): number | undefined {
  return timeline.find(({ by }) => (by[instance] ?? 0) > 0)?.at
}

/** When the last one was. */
export function lastBy(timeline: Timeline, instance: string): number | undefined {
  return timeline.findLast(({ by }) => (by[instance] ?? 0) > 0)?.at
}

/** All of them as one. */
export function sumOf(timeline: Timeline): Omit<Slot, 'at'> {
  const answers = noAnswers()
  const by: Record<string, number> = {}
  let retried = 0
  let left = NOTHING_SAID
  for (const slot of timeline) {
    for (const source of SOURCES) answers[source] += slot.answers[source]
    for (const [instance, count] of Object.entries(slot.by)) by[instance] = (by[instance] ?? 0) + count
    retried += slot.retried
    left = bothOf(left, slot.left)
  }
  return { answers, by, retried, left }
}

function bothOf(one: Left, other: Left): Left {
  return {
    least: chosen(Math.min, one.least, other.least),
    most: chosen(Math.max, one.most, other.most),
    mostLater: chosen(Math.max, one.mostLater, other.mostLater),
    untold: one.untold + other.untold,
  }
}

function chosen(
  choose: (...values: number[]) => number,
  ...given: readonly (number | undefined)[]
): number | undefined {
  const values = given.filter((value) => value !== undefined)
  return values.length === 0 ? undefined : choose(...values)
}
