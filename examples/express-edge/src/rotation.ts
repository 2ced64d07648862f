// Chooses who is called: the instances of a service in turn. One that has just failed is passed over for a moment, so
// that a retry goes to another one. This is the place for a balancer.

import type { EurekaClient, Instance } from '@breakwater/discovery-client'
import { NoInstancesError } from '@breakwater/kernel'

const REST_MS = 500

export interface RotationOptions {
  readonly source: Pick<EurekaClient, 'instances'>
  readonly service: string
  /** Milliseconds on a clock that never goes back. */
  readonly now?: () => number
}

export class Rotation {
  private readonly source: Pick<EurekaClient, 'instances'>
  private readonly service: string
  private readonly now: () => number
  /** When instances failed last, by id; only for as long as they are passed over for it. */
  private readonly failedAt = new Map<string, number>()
  private turn = 0

  constructor({ source, service, now = () => performance.now() }: RotationOptions) {
    this.source = source
    this.service = service
    this.now = now
  }

  /** Runs the work with the next instance. Rejects as the work does, and with `NoInstancesError` when there is nobody. */
  async execute<R>(work: (instance: Instance) => Promise<R>): Promise<R> {
    const instance = this.next()
    try {
      return await work(instance)
    } catch (error) {
      // As if new, so that the map is ordered by time.
      this.failedAt.delete(instance.id)
      this.failedAt.set(instance.id, this.now())
      throw error
    }
  }

  private next(): Instance {
    const all = this.source.instances(this.service)
    const first = this.turn++ % Math.max(1, all.length)
    const inTurn = [...all.slice(first), ...all.slice(0, first)]
    this.forgetRested()
    const chosen = inTurn.find(({ id }) => !this.failedAt.has(id)) ?? this.leastRecent(inTurn)
    if (chosen === undefined) throw new NoInstancesError(`${this.service}: nobody is registered and up`)
    return chosen
  }

  private forgetRested(): void {
    const since = this.now() - REST_MS
    for (const [id, at] of this.failedAt) if (at <= since) this.failedAt.delete(id)
  }

  /** When all have failed, the one whose failure is longest ago. */
  private leastRecent(instances: readonly Instance[]): Instance | undefined {
    const byId = new Map(instances.map((instance) => [instance.id, instance]))
    for (const id of this.failedAt.keys()) {
      const instance = byId.get(id)
      if (instance !== undefined) return instance
    }
    return undefined
  }
}
