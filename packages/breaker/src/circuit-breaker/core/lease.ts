/**
 * What a breaker remembers of one admitted call while it is not simply closed: whether it is a trial and for how long
 * it holds its slot, whether it counts as part of the ramp, and whether it was already seen to be slow.
 */
export interface Lease {
  role: 'ordinary' | 'probe' | 'ramp'
  /** How long the pipeline itself lets the call run; absent without a limit. */
  readonly timeoutMs?: number | undefined
  /** Of a probe: when it took its slot. */
  takenAt?: number
  /** Of a probe: when the slot is given to another one. */
  expiresAt: number
  /** False once it has no say any more: given back, expired, or the breaker has moved on. */
  isLive: boolean
  isCountedSlow: boolean
  /** Its result was heard already, while its end is still to be counted; only Hystrix tells the two apart. */
  isHeard?: boolean
  /** Whether its call, when refused, ends only later; for Hystrix that end matters. */
  readonly outlivesRefusal?: boolean
}
