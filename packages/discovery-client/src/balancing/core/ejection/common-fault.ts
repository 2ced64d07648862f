/**
 * Tells whether the others fail as well. When a dependency of all instances is down, ejecting some of them helps nobody, and puts the whole load
 * on the rest at the moment of recovery. A host's own successes end its run of failures, so any success since that run began is another's; of
 * failures, the last one and the last one of somebody else are kept. O(1).
 */
export class CommonFault {
  private succeededAt = -Infinity
  private failedLast: object | undefined
  private failedAt = -Infinity
  private anotherFailedAt = -Infinity

  succeeded(now: number): void {
    this.succeededAt = now
  }

  failed(host: object, now: number): void {
    if (host !== this.failedLast) {
      this.anotherFailedAt = this.failedAt
      this.failedLast = host
    }
    this.failedAt = now
  }

  /** Whether somebody else than the host that has just failed did so too since then, and nobody has succeeded. */
  isShared(failingSince: number): boolean {
    return this.anotherFailedAt >= failingSince && this.succeededAt < failingSince
  }
}
