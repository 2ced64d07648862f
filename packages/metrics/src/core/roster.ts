/**
 * Which instrument shows up in which series. Instruments with the same labels share one. Only so many names get series
 * of their own; the others are summed up in one, for as long as they live, so that no counter ever goes back. When an
 * instrument leaves a series that goes on, its counts stay in it.
 */
import type { Instrument } from '@breakwater/kernel'
import { ROWS } from './catalogue.js'
import { mergeCells, readCells, remains, sumUpGone } from './cells.js'
import type { Cells } from './cells.js'
import { InstanceSeats } from './instance-seats.js'
import { labelValue, OVERFLOW_LABEL } from './label-value.js'
import type { Readings, Row, Subject } from './row.js'

/** Numbers with the labels that say whose they are. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Whether this is the one for all names that are too many. */
  readonly overflow: boolean
  readonly cells: Cells
}

interface Slot {
  readonly key: string
  readonly subject: Subject
  readonly labels: Readonly<Record<string, string>>
  readonly overflow: boolean
  readonly seats: Set<Seat>
  /** The counts of those who are gone. */
  departed: Cells | undefined
}

/** Where one name in one group is shown. */
interface Place {
  readonly key: string
  readonly own: boolean
  readonly seats: Set<Seat>
}

interface Seat {
  readonly place: Place
  readonly slot: Slot
  readonly read: () => Readings[Subject]
  /** The last good numbers. */
  cells: Cells | undefined
}

/** The instruments of a collection, by series. */
export class Roster {
  /** Instruments that were put into the overflow series so far. */
  dropped = 0
  private readonly places = new Map<string, Place>()
  private readonly slots = new Map<string, Slot>()
  private readonly seats = new Map<Instrument, Seat>()
  private ownPlaces = 0

  /** `maxInstances`: of one balancer. */
  constructor(
    private readonly maxNames: number,
    private readonly maxInstances: number = 0,
  ) {}

  /**
   * Reads an instrument, a new one or one that is known. When that throws, its last good numbers stay.
   *
   * @throws what the instrument throws, or TypeError when its reading is malformed.
   */
  observe(instrument: Instrument): void {
    const seat = this.admit(instrument)
    if (seat === undefined) return
    // The compiler cannot know that the rows and the reading are of the same kind.
    const rows: readonly Row[] = ROWS[instrument.kind]
    seat.cells = readCells(rows, seat.read())
  }

  /** Gives an instrument its seat, where it is of a known kind; the numbers of a new one are still to be read. */
  admit(instrument: Instrument): Seat | undefined {
    if (!Object.hasOwn(ROWS, instrument.kind)) return undefined
    return this.seats.get(instrument) ?? this.seat(instrument)
  }

  /** An instrument is gone for good. */
  retire(instrument: Instrument): void {
    const seat = this.seats.get(instrument)
    if (seat === undefined) return
    this.seats.delete(instrument)
    this.leaveSlot(seat)
    this.leavePlace(seat)
  }

  /** Retires all who are not present. */
  retainOnly(present: ReadonlySet<Instrument>): void {
    for (const instrument of this.seats.keys()) {
      if (!present.has(instrument)) this.retire(instrument)
    }
  }

  /** All series about one kind of subject. */
  series(subject: Subject): Series[] {
    const found: Series[] = []
    for (const slot of this.slots.values()) {
      const cells = slot.subject === subject ? cellsOf(slot) : undefined
      if (cells !== undefined) found.push({ labels: slot.labels, overflow: slot.overflow, cells })
    }
    return found
  }

  private seat(instrument: Instrument): Seat {
    const name = String(instrument.name)
    const group = String(instrument.group ?? '')
    const place = this.placeOf(JSON.stringify([name, group]))
    if (!place.own) this.dropped++
    const labels = place.own
      ? labelsOf(instrument.kind, labelValue(name), labelValue(group))
      : labelsOf(instrument.kind, OVERFLOW_LABEL, '')
    const slot = this.slotOf(instrument.kind, labels, !place.own)
    const seat: Seat = { place, slot, read: readerOf(instrument, this.maxInstances), cells: undefined }
    place.seats.add(seat)
    seat.slot.seats.add(seat)
    this.seats.set(instrument, seat)
    return seat
  }

  private placeOf(key: string): Place {
    const known = this.places.get(key)
    if (known !== undefined) return known
    const place: Place = { key, own: this.ownPlaces < this.maxNames, seats: new Set() }
    if (place.own) this.ownPlaces++
    this.places.set(key, place)
    return place
  }

  private slotOf(subject: Subject, labels: Slot['labels'], overflow: boolean): Slot {
    const key = JSON.stringify([subject, ...Object.entries(labels)])
    const known = this.slots.get(key)
    if (known !== undefined) return known
    const slot: Slot = { key, subject, labels, overflow, seats: new Set(), departed: undefined }
    this.slots.set(key, slot)
    return slot
  }

  private leaveSlot(seat: Seat): void {
    const { slot, cells } = seat
    slot.seats.delete(seat)
    const goesOn = slot.overflow || slot.seats.size > 0
    if (!goesOn) this.slots.delete(slot.key)
    else if (cells !== undefined) {
      const rows = ROWS[slot.subject]
      const left = remains(rows, cells)
      slot.departed = slot.departed === undefined ? left : mergeCells(rows, [slot.departed, left])
    }
  }

  private leavePlace(seat: Seat): void {
    const { place } = seat
    place.seats.delete(seat)
    if (place.seats.size > 0) return
    this.places.delete(place.key)
    if (place.own) this.ownPlaces--
  }
}

function cellsOf(slot: Slot): Cells | undefined {
  const rows = ROWS[slot.subject]
  const seated = Array.from(slot.seats, ({ cells }) => cells).filter((cells) => cells !== undefined)
  if (slot.departed !== undefined) slot.departed = sumUpGone(rows, slot.departed, seated)
  const sets = slot.departed === undefined ? seated : [slot.departed, ...seated]
  return sets.length > 1 ? mergeCells(rows, sets) : sets[0]
}

/** Of a balancer, the reading also says which of its instances are shown. */
function readerOf(instrument: Instrument, maxInstances: number): () => Readings[Subject] {
  if (instrument.kind !== 'balancer') return () => instrument.read()
  const seats = new InstanceSeats(maxInstances)
  return () => {
    const reading = instrument.read()
    return { ...reading, seated: seats.seat(reading.instances) }
  }
}

/** An empty label is the same as none, so it is left out. */
function labelsOf(kind: Subject, name: string, group: string): Record<string, string> {
  if (kind === 'bulkhead') return { bulkhead: name, kind: 'semaphore' }
  if (kind === 'registry' || kind === 'balancer') return { client: name }
  return group === '' ? { command: name } : { command: name, group }
}
