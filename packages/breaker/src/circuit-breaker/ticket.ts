/**
 * The lease of one admitted call, standing in the line of those who may become slow.
 */
import type { Waiting } from '@breakwater/kernel'
import type { Lease } from './core/lease.js'

export class Ticket implements Lease, Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  role: Lease['role'] = 'ordinary'
  expiresAt = 0
  isLive = true
  isCountedSlow = false
  generation = 0
  timeoutMs: number | undefined = undefined
  /** How long the call took, where that was measured exactly. */
  measuredMs: number | undefined = undefined

  constructor(
    readonly admittedAt: number,
    private readonly onSlow: (ticket: Ticket) => void,
  ) {}

  expire(): void {
    this.onSlow(this)
  }
}
