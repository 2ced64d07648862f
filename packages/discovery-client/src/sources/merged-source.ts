/** Several sources as one. */
import type { InstanceSource, Snapshot } from '../instance.js'
import { CombinedSource, unionOf } from './combined.js'
import type { Combination, Parts } from './combined.js'

/**
 * The instances of all sources together, such as those of two registries during a move from one to the other. Of instances with equal ids
 * the one of the earlier source counts. As old as the oldest part of it.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { MergedSource, StaticSource } from '@breakwater/discovery-client'
 *
 * const old = new StaticSource({ users: ['http://127.0.0.1:9001'] })
 * const now = new StaticSource({ users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] })
 * console.log(new MergedSource([now, old]).snapshot('users')?.instances.length) // 2
 * ```
 */
export class MergedSource extends CombinedSource {
  constructor(sources: readonly InstanceSource[]) {
    super('MergedSource', sources)
  }

  protected override combine(parts: Parts): Combination | undefined {
    const known = parts.filter((part) => part !== undefined)
    if (known.length === 0) return undefined
    const instances = unionOf(known)
    const times = known.map(({ updatedAt }: Partial<Snapshot>) => updatedAt).filter((at) => at !== undefined)
    // Parts may be anybody's, and not tell their age. Where none does, the whole has none.
    return { instances, updatedAt: times.length === 0 ? undefined : Math.min(...times) } as Combination
  }
}
