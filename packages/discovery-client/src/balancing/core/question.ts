/** The one question object of a balancer: it is filled in for each pick, so that a choice allocates nothing. */
import type { Call, Random } from '@breakwater/kernel'
import type { Host } from './host.js'
import type { Ask, Candidate } from './strategy.js'

export class Question implements Ask {
  now = 0
  key: string | undefined = undefined
  call: Call | undefined = undefined
  readonly random: Random
  /** What was compared with the chosen one, and the scores; a picker that compares nothing leaves them alone. */
  rival: Host | undefined = undefined
  chosenScore = 0
  rivalScore = 0
  hasScores = false
  /** How many hosts are full at most. Such a one is excluded, whatever else is relaxed. */
  full = 0
  private mark = 0
  private excluded = 0

  constructor(random: Random) {
    this.random = random
  }

  get excludes(): boolean {
    return this.excluded > 0 || this.full > 0
  }

  /** Whether some are excluded for another reason than that they are full. */
  get excludesById(): boolean {
    return this.excluded > 0
  }

  isExcluded(candidate: Candidate): boolean {
    // Candidates are hosts; one that is not has no mark, and is not excluded.
    const { mark, isFull } = candidate as Partial<Host>
    return (this.excluded > 0 && mark === this.mark) || isFull === true
  }

  /** A new question, which excludes nobody. */
  begin(now: number, key: string | undefined, call: Call | undefined): void {
    this.now = now
    this.key = key
    this.call = call
    this.rival = undefined
    this.hasScores = false
    this.excluded = 0
  }

  /** Excludes hosts; answers how many of them were there. */
  exclude(ids: readonly string[], find: (id: string) => Host | undefined): number {
    this.mark++
    for (const id of ids) {
      const host = find(id)
      if (host === undefined || host.mark === this.mark) continue
      host.mark = this.mark
      this.excluded++
    }
    return this.excluded
  }

  /** Excludes one more. */
  excludeAlso(host: Host): void {
    if (this.excluded === 0) this.mark++
    host.mark = this.mark
    this.excluded++
  }

  /** Nobody is left: all may be chosen again, but for those that are full. */
  relax(): void {
    this.excluded = 0
  }

  /** Tells what the choice was made by. */
  compared(chosenScore: number, rival: Host | undefined, rivalScore: number): void {
    this.hasScores = true
    this.chosenScore = chosenScore
    this.rival = rival
    this.rivalScore = rivalScore
  }
}
