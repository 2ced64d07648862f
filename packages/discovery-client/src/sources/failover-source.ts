/** One source after the other. */
import { readOptions } from '@breakwater/kernel'
import type { InstanceSource, Snapshot } from '../instance.js'
import { CombinedSource } from './combined.js'
import type { Combination, Parts } from './combined.js'

export interface FailoverSourceOptions {
  /** A source with fewer instances that are up is passed over. From 1. Default 1. */
  readonly minUp?: number | undefined
}

/**
 * The instances of the first source that knows enough of them, such as a registry with a list for the day on which it is away. When none
 * does, the one with the most; among equals the first.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { FailoverSource, StaticSource } from '@breakwater/discovery-client'
 *
 * const registry = new StaticSource({})
 * const list = new StaticSource({ users: ['http://127.0.0.1:9001'] })
 * console.log(new FailoverSource([registry, list]).snapshot('users')?.instances[0]?.port) // 9001
 * ```
 */
export class FailoverSource extends CombinedSource {
  private readonly minUp: number

  constructor(sources: readonly InstanceSource[], options?: FailoverSourceOptions) {
    super('FailoverSource', sources)
    const read = readOptions('FailoverSource', options, ['minUp'])
    this.minUp = read.integer('minUp', 1, { min: 1 })
    read.finish()
  }

  protected override combine(parts: Parts): Combination | undefined {
    const known = parts.filter((part) => part !== undefined)
    const enough = known.find((part) => upOf(part) >= this.minUp)
    const [first, ...others] = known
    if (first === undefined) return undefined
    return enough ?? others.reduce((most, part) => (upOf(part) > upOf(most) ? part : most), first)
  }
}

function upOf({ instances }: Snapshot): number {
  return instances.reduce((count, { status }) => count + (status === 'UP' ? 1 : 0), 0)
}
