/**
 * Google's Maglev hashing (Eisenbud 2016, §3.4): hosts take turns in filling a table in an order of their own, and a key
 * belongs to the host of its slot. O(1), and nearly exact shares; about twice as many keys move on a change as with a ring.
 */
import { drawIndex, weightsOf } from '../draw.js'
import { hashPair, hashText } from '../hash.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** Prime, so that every step goes through all slots. */
const SLOTS = 65_537
const FREE = 0
const SKIP_SALT = 0x5bd1
/** An excluded host's key tries so many other slots before the list is searched. */
const TRIES = 32

export class MaglevPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  /** Index of the host + 1. */
  private readonly slots: Uint32Array

  constructor(hosts: readonly Host[]) {
    this.hosts = hosts
    this.slots = fill(hosts, weightsOf(hosts))
  }

  pick(question: Question): Host | undefined {
    const hash = question.key === undefined ? drawIndex(SLOTS, question) : hashText(question.key)
    const first = this.at(hash % SLOTS)
    if (!question.isExcluded(first)) return first
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const other = this.at(hashPair(hash, attempt) % SLOTS)
      if (!question.isExcluded(other)) return other
    }
    return this.hosts.find((host) => !question.isExcluded(host))
  }

  private at(slot: number): Host {
    return this.hosts[(this.slots[slot] as number) - 1] as Host
  }
}

interface Turn {
  readonly step: number
  readonly share: number
  at: number
  credit: number
}

function fill(hosts: readonly Host[], weights: readonly number[]): Uint32Array {
  const slots = new Uint32Array(SLOTS)
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0)
  const turns = hosts.map(({ id }, index): Turn => {
    const hash = hashText(id)
    const step = (hashPair(hash, SKIP_SALT) % (SLOTS - 1)) + 1
    return { at: hash % SLOTS, step, share: (weights[index] as number) / largest, credit: 0 }
  })
  // Equal lists in any order must make equal tables: turns go by id.
  const order = hosts.map((_, index) => index).sort((a, b) => compareIds(hosts, a, b))
  for (let filled = 0; filled < SLOTS;) {
    for (const index of order) {
      const turn = turns[index] as Turn
      turn.credit += turn.share
      // A lighter host takes a slot in some of the rounds only.
      if (turn.credit < 1) continue
      turn.credit -= 1
      slots[nextFree(slots, turn)] = index + 1
      filled++
      if (filled === SLOTS) break
    }
  }
  return slots
}

function nextFree(slots: Uint32Array, turn: Turn): number {
  const { step } = turn
  let slot = turn.at
  while (slots[slot] !== FREE) slot = wrapped(slot + step)
  turn.at = wrapped(slot + step)
  return slot
}

/** Remainders would take longer than all the rest: a full table is searched through many times over. */
function wrapped(slot: number): number {
  return slot < SLOTS ? slot : slot - SLOTS
}

function compareIds(hosts: readonly Host[], a: number, b: number): number {
  const [one, other] = [(hosts[a] as Host).id, (hosts[b] as Host).id]
  if (one === other) return 0
  return one < other ? -1 : 1
}
