/** The shrink guard of single services, over the registries of all regions. */
import { keepServices } from '../core/registry/keep-services.js'
import type { Suspicions } from '../core/registry/keep-services.js'
import type { Registry } from '../core/registry/registry.js'
import type { ShrinkGuardOptions } from '../core/registry/shrink-guard.js'
import { breathe } from './breathe.js'
import type { Registries, RegionsOptions } from './known-regions.js'

/** Instances that are kept although a server does not know them any more, until another fetch says the same. */
export interface HeldInstances {
  /** How many there were of those it is about. */
  readonly before: number
  /** How many the server told of. */
  readonly after: number
  /** The applications that lost them; none: the registry as a whole. */
  readonly services: readonly string[]
}

/** What is judged, and not yet in use. */
export interface Judged {
  readonly registries: Registries
  readonly suspicions: ReadonlyMap<string, Suspicions>
}

export interface HeldServicesOptions extends Pick<RegionsOptions, 'clock' | 'random'> {
  readonly shrinkGuard: ShrinkGuardOptions | false
}

const NONE: Judged['suspicions'] = new Map()

export class HeldServices {
  private readonly options: HeldServicesOptions
  /** By region. */
  private suspicions: Judged['suspicions'] = NONE

  constructor(options: HeldServicesOptions) {
    this.options = options
  }

  /** The registries to use, if they are used. Changes nothing yet. */
  async judge(before: Registries, after: Registries, signal: AbortSignal): Promise<Judged> {
    const { clock, random, shrinkGuard: guard } = this.options
    if (guard === false) return { registries: after, suspicions: NONE }
    const registries = new Map<string, Registry>()
    const suspicions = new Map<string, Suspicions>()
    const options = { now: clock.now(), guard, random }
    for (const [region, registry] of after) {
      const known = before.get(region) ?? registry
      const steps = keepServices(known, registry, this.suspicions.get(region) ?? new Map(), options)
      const kept = await breathe(steps, clock, signal)
      registries.set(region, kept.registry)
      if (kept.suspicions.size > 0) suspicions.set(region, kept.suspicions)
    }
    return { registries, suspicions }
  }

  /** Remembers what was judged; or, with registries alone, that nothing is suspect. */
  take(judged: Judged | Registries): {
    readonly registries: Registries
    readonly held: HeldInstances | undefined
  } {
    const { registries, suspicions } =
      'suspicions' in judged ? judged : { registries: judged, suspicions: NONE }
    this.suspicions = suspicions
    const all = [...suspicions.values()].flatMap((ofRegion) => [...ofRegion])
    if (all.length === 0) return { registries, held: undefined }
    const held: HeldInstances = {
      before: all.reduce((sum, [, { before }]) => sum + before, 0),
      after: all.reduce((sum, [, { size }]) => sum + size, 0),
      services: Object.freeze(all.map(([app]) => app)),
    }
    return { registries, held }
  }
}
