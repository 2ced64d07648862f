// What is seen of the registry in a run in which all went well, and ways to spoil one thing of it.

import type { RegistryEvent, RegistryEvidence } from './evidence.ts'
import type { Picture, Statuses } from './pictures.ts'
import { LOST, WITHDRAWN } from './script.ts'
import type { EventKind } from './script.ts'
import type { CommandName } from './tally.ts'
import { noAnswers, SLOT_MS } from './timeline.ts'
import type { Left, Slot, Source, Timeline } from './timeline.ts'

export const START = 1_000_000
const END_MS = 20_000

const IDS: Readonly<Record<CommandName, readonly [string, string]>> = {
  users: ['users-1', 'users-2'],
  orders: ['orders-1', 'orders-2'],
  prices: ['prices-1', 'prices-2'],
}
const ALL_UP: Statuses = Object.fromEntries(
  Object.values(IDS)
    .flat()
    .map((id) => [id, 'UP'] as const),
)
export const GONE_AT = 13_000

export function goodRegistry(): RegistryEvidence {
  const { [IDS[LOST][1]]: _lost, ...others } = ALL_UP
  return {
    isOurs: true,
    instances: IDS,
    events: [
      event('registry-restart', 1_000, 3_000),
      event('out-of-service', 4_000, 8_000),
      event('lost', 9_000, 18_000),
    ],
    pictures: [
      picture(-1_000, ALL_UP),
      picture(1_200, undefined),
      picture(2_100, {}),
      picture(2_700, ALL_UP),
      picture(4_200, { ...ALL_UP, [IDS[WITHDRAWN][1]]: 'OUT_OF_SERVICE' }),
      picture(8_200, ALL_UP),
      picture(GONE_AT, others),
      picture(18_200, ALL_UP),
    ],
    emptyAt: START + 2_000,
    knocks: [START + GONE_AT + 300],
    metDead: 7,
    leftBehind: [],
  }
}

export function goodTimeline(command: CommandName): Timeline {
  const slots: Slot[] = []
  for (let afterMs = 0; afterMs < END_MS; afterMs += SLOT_MS) slots.push(goodSlot(command, afterMs))
  return slots
}

function goodSlot(command: CommandName, afterMs: number): Slot {
  const [first, second] = IDS[command]
  const isOut = command === WITHDRAWN && afterMs >= 4_300 && afterMs < 8_400
  const isDead = command === LOST && afterMs >= 9_000 && afterMs < 18_400
  return {
    at: START + afterMs,
    answers: { ...noAnswers(), upstream: 2 },
    by: isOut || isDead ? { [first]: 2 } : { [first]: 1, [second]: 1 },
    retried: isSilent(afterMs) ? 1 : 0,
    left: {
      least: isSilent(afterMs) ? 205 : 398,
      most: 400,
      untold: 0,
      ...(isSilent(afterMs) ? { mostLater: 215 } : {}),
    },
  }
}

/** Once a second while a zone is silent, somebody finds that out. */
function isSilent(afterMs: number): boolean {
  return afterMs >= 4_000 && afterMs < 7_000 && afterMs % 1_000 === 0
}

/** Something else was said of what was left, in one slot. */
export function withLeft(timeline: Timeline, afterMs: number, left: Partial<Left>): Timeline {
  return timeline.map((slot) =>
    slot.at === START + afterMs ? { ...slot, left: { ...slot.left, ...left } } : slot,
  )
}

/** More answers of some kind in one slot. */
export function withAnswers(
  timeline: Timeline,
  afterMs: number,
  more: Partial<Record<Source, number>>,
): Timeline {
  return timeline.map((slot) =>
    slot.at === START + afterMs ? { ...slot, answers: { ...slot.answers, ...more } } : slot,
  )
}

/** From one time to another everything is answered by this instance only. */
export function answeredBy(timeline: Timeline, instance: string, fromMs: number, toMs: number): Timeline {
  return timeline.map((slot) =>
    slot.at >= START + fromMs && slot.at < START + toMs ? { ...slot, by: { [instance]: 2 } } : slot,
  )
}

export function withoutEvent(kind: EventKind): Partial<RegistryEvidence> {
  return { events: goodRegistry().events.filter((each) => each.kind !== kind) }
}

/** The pictures between two times are not there. */
export function withoutPictures(fromMs: number, toMs: number = Infinity): Partial<RegistryEvidence> {
  return {
    pictures: goodRegistry().pictures.filter(({ at }) => at < START + fromMs || at > START + toMs),
  }
}

export function withLateReturn(afterMs: number): Partial<RegistryEvidence> {
  const { pictures } = goodRegistry()
  return {
    pictures: pictures.map((each) => (each.at === START + 2_700 ? { ...each, at: START + afterMs } : each)),
  }
}

function event(kind: EventKind, fromMs: number, toMs: number): RegistryEvent {
  return { kind, from: START + fromMs, to: START + toMs }
}

function picture(afterMs: number, statuses: Statuses | undefined): Picture {
  return { at: START + afterMs, statuses }
}
