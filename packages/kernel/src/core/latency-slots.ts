/**
 * The slots of a latency histogram: log-linear, 8 an octave, on a grid of 0.1 ms.
 */

export const UNITS_PER_MS = 10
const TOP_UNITS = 2 ** 26 - 1
/** Bits that tell the slots of one octave apart; below 2^(SLOT_BITS + 1) units every unit has its own slot. */
const SLOT_BITS = 3

/** The largest latency told apart, in ms (1.86 h). Larger ones count as this one. */
export const MAX_LATENCY_MS: number = TOP_UNITS / UNITS_PER_MS

/** `ms` is in range, and there is a slot for it; what lies between two units counts as the lower. */
export function countIn(counts: number[], ms: number): void {
  const slot = slotOf((ms * UNITS_PER_MS) | 0)
  counts[slot] = (counts[slot] as number) + 1
}

/** How many slots there are up to the end of the octave of `ms`. */
export function slotsUpTo(ms: number): number {
  const last = slotOf((ms * UNITS_PER_MS) | 0)
  return ((last >>> SLOT_BITS) + 1) << SLOT_BITS
}

/**
 * Slot of a whole number of units up to TOP_UNITS: the leading bit picks the octave, the SLOT_BITS after it the
 * slot.
 */
function slotOf(units: number): number {
  const shift = 31 - SLOT_BITS - Math.clz32(units | (1 << SLOT_BITS))
  return (shift << SLOT_BITS) + (units >>> shift)
}

/** Lower edge of a slot in units; of the slot after the last, the end of the scale. */
export function edgeOf(slot: number): number {
  const octave = slot >>> SLOT_BITS
  if (octave === 0) return slot
  return ((1 << SLOT_BITS) + (slot & ((1 << SLOT_BITS) - 1))) << (octave - 1)
}

export function middleOf(slot: number): number {
  return (edgeOf(slot) + edgeOf(slot + 1)) / 2 / UNITS_PER_MS
}
