/** Instances that are known beforehand, or that the application itself finds out. */
import { systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import type { Instance, InstanceSource, Snapshot } from '../instance.js'
import { readInstanceLists } from './core/read-instances.js'
import type { InstanceLists } from './core/read-instances.js'
import { Shelf } from './shelf.js'
import { readCommon } from './source-options.js'

/**
 * A source with given lists, which can be replaced.
 *
 * @throws InvalidOptionsError with every fault of the lists.
 *
 * @example
 * ```ts
 * import { StaticSource } from '@breakwater/discovery-client'
 *
 * const source = new StaticSource({ users: ['http://127.0.0.1:9001', { host: 'users-2.internal', port: 80, weight: 2 }] })
 * console.log(source.snapshot('users')?.instances.map(({ id }) => id)) // [ '127.0.0.1:9001', 'users-2.internal:80' ]
 * source.set({ users: ['http://127.0.0.1:9002'] })
 * console.log(source.snapshot('users')?.version) // 2
 * ```
 */
export class StaticSource implements InstanceSource {
  private readonly clock: Clock
  private readonly shelf = new Shelf('StaticSource')
  private lists: ReadonlyMap<string, readonly Instance[]> | undefined

  constructor(lists: InstanceLists, options?: { readonly clock?: Clock | undefined }) {
    this.clock = readCommon('StaticSource', options).clock ?? systemClock
    this.set(lists)
  }

  /**
   * Replaces all lists; a service that is not there any more has no instances.
   *
   * @throws InvalidOptionsError and changes nothing.
   */
  set(lists: InstanceLists): void {
    const next = readInstanceLists('StaticSource', lists)
    const now = this.clock.now()
    this.lists = next
    for (const service of new Set([...this.shelf.services(), ...next.keys()])) {
      // A listener may have replaced all lists meanwhile.
      if (this.lists !== next) return
      const list = next.get(service)
      if (list === undefined) this.shelf.putNobody(service, now)
      else this.shelf.put(service, list, now)
    }
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    return this.shelf.watch(service, listener)
  }

  snapshot(service: string): Snapshot | undefined {
    return this.shelf.get(service)
  }
}
