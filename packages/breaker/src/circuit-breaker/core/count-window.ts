/**
 * Counts over the last `size` calls, whatever their time: a ring of one byte a call, made with the first call. A
 * call that enters a full ring pushes out the oldest, so the failures are kept by one addition and one subtraction.
 */
import type { SavedCountWindow } from './saved-window.js'

const FAILED = 1
const SLOW = 2
const LETTERS = 'sfSF'

/**
 * Counts failures among the last `size` calls; no rule counts the slow ones, which are kept for `save`. O(1) records and
 * reads, `size` bytes.
 *
 * @example
 * const window = new CountWindow(2)
 * window.push(true, false)
 * window.push(false, false)
 * window.push(false, false)
 * window.failures // 0: the failed call is the third last
 * window.total    // 2
 */
export class CountWindow {
  // Every field starts with a value of its kind, so that all windows share one hidden class.
  private readonly size: number = 0
  private ring: Uint8Array | null = null
  private next = 0
  private length = 0
  private failed = 0

  /** `size` is a whole number of at least 1, checked by whoever reads the options. */
  constructor(size: number) {
    this.size = size
  }

  /** Calls counted: `size` once that many were pushed. */
  get total(): number {
    return this.length
  }

  /** Calls among the counted ones that failed. */
  get failures(): number {
    return this.failed
  }

  /** Counts one call that has ended; the oldest of a full window leaves. */
  push(failed: boolean, slow: boolean): void {
    const ring = (this.ring ??= new Uint8Array(this.size))
    const at = this.next
    if (this.length === this.size) this.failed -= (ring[at] as number) & FAILED
    else this.length++
    ring[at] = (failed ? FAILED : 0) | (slow ? SLOW : 0)
    if (failed) this.failed++
    this.next = at + 1 === this.size ? 0 : at + 1
  }

  /** Forgets every call and gives the ring back. */
  reset(): void {
    this.ring = null
    this.next = 0
    this.length = 0
    this.failed = 0
  }

  /** The outcomes as plain JSON data, oldest first. */
  save(): SavedCountWindow {
    const ring = this.ring ?? new Uint8Array(0)
    let outcomes = ''
    for (let age = this.length; age > 0; age--) {
      const at = (this.next - age + this.size) % this.size
      outcomes += LETTERS.charAt(ring[at] as number)
    }
    return { outcomes }
  }

  /**
   * Replaces the calls by saved ones; a window smaller than the one that saved keeps the newest. Takes what
   * `isSavedCountWindow` accepts.
   */
  restore(saved: SavedCountWindow): void {
    this.reset()
    for (const letter of saved.outcomes.slice(-this.size)) {
      const outcome = LETTERS.indexOf(letter)
      this.push((outcome & FAILED) !== 0, (outcome & SLOW) !== 0)
    }
  }
}
