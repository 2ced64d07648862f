/**
 * When the bytes of one direction of one connection may go on: latency with jitter, a rate, slices. Bytes never overtake
 * each other. Time comes in with each chunk, in milliseconds, and chance as a `Random`.
 */
import type { Random } from '@breakwater/kernel'

/** What shapes a direction; absent = not at all. */
export interface ShapeSettings {
  readonly latency?: { readonly delayMs: number; readonly jitterMs: number } | undefined
  readonly bytesPerSecond?: number | undefined
  readonly slice?: { readonly bytes: number; readonly everyMs: number } | undefined
}

/** A part of a chunk, from `start` to `end`, that may go on at `at`. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly at: number
}

export class Shaper {
  private readonly random: Random
  /** When the last byte that is under way arrives. */
  private lastAt = -Infinity
  /** When the line has sent all it was given. */
  private lineFreeAt = -Infinity

  constructor(random: Random) {
    this.random = random
  }

  /** Cuts a chunk of `length` bytes that came in at `now`. */
  shape(length: number, now: number, settings: ShapeSettings): Piece[] {
    const { latency, bytesPerSecond, slice } = settings
    const jitter = latency === undefined ? 0 : this.random.next() * latency.jitterMs
    const delayMs = (latency?.delayMs ?? 0) + jitter
    const size = slice?.bytes ?? length
    const pieces: Piece[] = []
    for (let start = 0; start < length; start += size) {
      const end = Math.min(length, start + size)
      const sentAt = this.send(end - start, now, bytesPerSecond)
      const gap = slice?.everyMs ?? 0
      this.lastAt = Math.max(sentAt + delayMs, this.lastAt + gap)
      pieces.push({ start, end, at: this.lastAt })
    }
    return pieces
  }

  /** When what ends the stream may go on: after all that came before, delayed as that was. */
  end(now: number, { latency }: ShapeSettings): number {
    return Math.max(now + (latency?.delayMs ?? 0), this.lastAt)
  }

  private send(bytes: number, now: number, bytesPerSecond: number | undefined): number {
    if (bytesPerSecond === undefined) return now
    this.lineFreeAt = Math.max(now, this.lineFreeAt) + (bytes / bytesPerSecond) * 1_000
    return this.lineFreeAt
  }
}
