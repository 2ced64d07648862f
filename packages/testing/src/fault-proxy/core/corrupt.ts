/** Damage on the line. */
import type { Random } from '@breakwater/kernel'

/** A copy of `bytes` in which each byte has changed, in one bit, with this chance; and how many have. */
export function corruptBytes(
  bytes: Uint8Array,
  chance: number,
  random: Random,
): { readonly bytes: Uint8Array; readonly changed: number } {
  let changed = 0
  const damaged = bytes.map((byte) => {
    if (random.next() >= chance) return byte
    changed += 1
    return byte ^ (1 << Math.floor(random.next() * 8))
  })
  return { bytes: damaged, changed }
}
