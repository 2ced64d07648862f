/**
 * Who holds slots of which share. As long as there are free slots, everybody may take them; once all are taken, who has
 * not used up his share still gets in, above the limit, and the others wait until they are fewer.
 */
import { reportInternalError } from '@breakwater/kernel'
import type { Call } from '@breakwater/kernel'
import type { SlotShares } from '../bulkhead/slot-rules.js'
import type { Share, Shares } from './core/shares.js'
import type { Partitions } from './partitions.js'

export class ShareBook implements SlotShares {
  private readonly shareOf = new WeakMap<object, Share>()

  constructor(
    private readonly shares: Shares,
    private readonly by: Partitions['by'],
  ) {}

  /** For a holder who is no call, and names his share himself. */
  introduce(holder: object, name: string | undefined): void {
    this.shareOf.set(holder, this.shares.of(name))
  }

  hasRoom(holder: object): boolean {
    const share = this.shareOf.get(holder)
    return share !== undefined && share.running < share.limit
  }

  ask(call: Call): void {
    if (!this.shareOf.has(call)) this.introduce(call, this.nameOf(call))
  }

  take(holder: object): void {
    this.move(holder, 1)
  }

  release(holder: object): void {
    this.move(holder, -1)
  }

  resize(limit: number): void {
    this.shares.resize(limit)
  }

  private move(holder: object, slots: number): void {
    const share = this.shareOf.get(holder)
    if (share !== undefined) share.running += slots
  }

  private nameOf(call: Call): string | undefined {
    try {
      const name: unknown = this.by(call)
      if (typeof name === 'string') return name
      reportInternalError(new TypeError('partitions.by must answer a name'), 'partitions.by')
    } catch (error) {
      reportInternalError(error, 'partitions.by')
    }
    return undefined
  }
}
