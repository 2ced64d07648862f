/**
 * Google's Maglev hashing (Eisenbud 2016, §3.4): hosts take turns in filling a table in an order of their own, and a key
 * belongs to the host of its slot. O(1), and nearly exact shares; about twice as many keys move on a change as with a ring.
 *
 * To fill a table takes some milliseconds, however few the hosts are. So not each change of a list that changes all the time gets a table of its
 * own: until the next one may be filled, the keys of those who have gone are sent elsewhere as those of excluded hosts are, and those who have
 * come wait.
 */
import { allowedOf, drawIndex, weightsOf } from '../draw.js'
import { hashPair, hashText } from '../hash.js'
import type { Host } from '../host.js'
import type { Question } from '../question.js'
import type { Picker } from '../strategy.js'

/** Prime, so that every step goes through all slots. */
const SLOTS = 65_537
const FREE = 0
const GONE = -1
const SKIP_SALT = 0x5bd1
/** An excluded host's key tries so many other slots before the list is searched. */
const TRIES = 32
/** So many tables may be filled at once, and one more after each such time. */
const TABLES = 10
const TABLE_MS = 100

/** A filled table. */
interface Table {
  readonly hosts: readonly Host[]
  readonly weights: readonly number[]
  /** Index of the host + 1. */
  readonly slots: Uint32Array
}

export class MaglevPicker implements Picker<Host> {
  private readonly hosts: readonly Host[]
  private readonly weights: readonly number[]
  private readonly filling: Filling
  private table: Table | undefined = undefined
  /** Where the hosts of the table are in the present list. */
  private places: Int32Array = new Int32Array()
  /** Those of the table, if it is the one of this list. */
  private slots: Uint32Array | undefined = undefined

  constructor(hosts: readonly Host[], previous?: Picker) {
    this.hosts = hosts
    this.weights = weightsOf(hosts)
    const before = previous instanceof MaglevPicker ? previous : undefined
    this.filling = before?.filling ?? new Filling()
    if (before?.table !== undefined) this.takeOver(before.table)
  }

  pick(question: Question): Host | undefined {
    const slots = this.slots ?? this.newSlots(question)
    const hash = question.key === undefined ? drawIndex(SLOTS, question) : hashText(question.key)
    const first = this.at(slots, hash % SLOTS)
    if (first !== undefined && !question.isExcluded(first)) return first
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const other = this.at(slots, hashPair(hash, attempt) % SLOTS)
      if (other !== undefined && !question.isExcluded(other)) return other
    }
    return this.search(hash, question)
  }

  private at(slots: Uint32Array, slot: number): Host | undefined {
    return this.hosts[this.places[(slots[slot] as number) - 1] as number]
  }

  /** Those that weigh nothing are for when there is no other. */
  private search(hash: number, question: Question): Host | undefined {
    const allowed = allowedOf(this.hosts, question)
    const weighing = allowed.filter(({ weight }) => weight > 0)
    const hosts = weighing.length > 0 ? weighing : allowed
    return hosts[hashPair(hash, TRIES) % hosts.length]
  }

  /** Those of a table of this list, if it may be filled now. */
  private newSlots({ now }: Question): Uint32Array {
    if (this.table !== undefined && !this.filling.begin(now)) return this.table.slots
    const { hosts, weights } = this
    const slots = fill(hosts, weights)
    this.takeOver({ hosts, weights, slots })
    return slots
  }

  private takeOver(table: Table): void {
    this.table = table
    this.places = placesIn(this.hosts, table)
    if (this.isSame(table)) this.slots = table.slots
  }

  /** In whatever order the hosts are. */
  private isSame({ hosts, weights }: Table): boolean {
    return (
      hosts.length === this.hosts.length &&
      hosts.every((_, index) => weights[index] === this.weights[this.places[index] as number])
    )
  }
}

/** By id: at another address it is still the same keys' home. */
function placesIn(hosts: readonly Host[], table: Table): Int32Array {
  const known = new Map(hosts.map(({ id }, index) => [id, index]))
  return Int32Array.from(table.hosts, ({ id }) => known.get(id) ?? GONE)
}

/** How many more tables may be filled now. */
class Filling {
  private left = TABLES
  private countedAt = -Infinity

  /** Whether a table may be filled, which then is. */
  begin(now: number): boolean {
    this.left = Math.min(TABLES, this.left + Math.max(0, now - this.countedAt) / TABLE_MS)
    this.countedAt = now
    if (this.left < 1) return false
    this.left--
    return true
  }
}

/** A host that fills slots, and how far it has come. */
interface Turn {
  /** Of the host in the list. */
  readonly index: number
  readonly place: number
  readonly step: number
  readonly share: number
  at: number
  taken: number
}

/** Round by round. Only those are looked at who take a slot: one host may weigh thousands of times as much as thousands of others. */
function fill(hosts: readonly Host[], weights: readonly number[]): Uint32Array {
  const slots = new Uint32Array(SLOTS)
  const turns = turnsOf(hosts, weights)
  const always = turns.filter(({ share }) => share === 1)
  const later = new Map<number, Turn[]>()
  for (const turn of turns) if (turn.share < 1) wait(turn, later)
  for (let round = 1, filled = 0; filled < SLOTS; round++) {
    const light = later.get(round) ?? []
    later.delete(round)
    const takers =
      light.length === 0 ? always : [...always, ...light].sort((one, other) => one.place - other.place)
    for (const turn of takers) {
      if (filled === SLOTS) break
      slots[nextFree(slots, turn)] = turn.index + 1
      turn.taken++
      filled++
    }
    for (const turn of light) wait(turn, later)
  }
  return slots
}

/** A lighter host takes a slot in some of the rounds only. */
function wait(turn: Turn, later: Map<number, Turn[]>): void {
  const round = Math.ceil((turn.taken + 1) / turn.share)
  const others = later.get(round)
  if (others === undefined) later.set(round, [turn])
  else others.push(turn)
}

/** Equal lists in any order must make equal tables: turns go by id. */
function turnsOf(hosts: readonly Host[], weights: readonly number[]): readonly Turn[] {
  const largest = weights.reduce((most, weight) => Math.max(most, weight), 0)
  const order = [...hosts.keys()].filter((index) => weights[index] !== 0)
  return order
    .sort((a, b) => compareIds(hosts, a, b))
    .map((index, place): Turn => {
      const hash = hashText((hosts[index] as Host).id)
      const step = (hashPair(hash, SKIP_SALT) % (SLOTS - 1)) + 1
      return { index, place, step, share: (weights[index] as number) / largest, at: hash % SLOTS, taken: 0 }
    })
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
  return one < other ? -1 : 1
}
