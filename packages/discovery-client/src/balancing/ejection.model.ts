/** What the tests of ejection share. */
import type { OutcomeKind } from '@breakwater/kernel'
import { expect } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { BalancedInstance } from './balancer-snapshot.js'
import type { BalancerOptions } from './balancer-options.js'
import type { FailureOrigin } from './core/ejection/rules.js'
import type { EjectionOptions } from './ejection-options.js'
import type { Pick } from './pick.js'

/** So many instances under a strategy that is blind, with ejections that last exactly as long as told. */
export function ward(
  count: number,
  ejection: EjectionOptions = {},
  more: Partial<BalancerOptions> = {},
): Lab {
  return lab(fleet(count), { strategy: 'random', ...more, ejection: { jitterMs: 0, ...ejection } })
}

/** A pick of this instance. */
export function pickOf({ balancer }: Lab, id: string): Pick {
  const exclude = balancer.snapshot().instances.flatMap((instance) => (instance.id === id ? [] : instance.id))
  const pick = balancer.pick({ exclude })
  expect(pick.instance.id).toBe(id)
  return pick
}

/** Lets as many calls to this instance end so. */
export function end(world: Lab, id: string, kind: OutcomeKind, times = 1): void {
  for (let count = 0; count < times; count++) pickOf(world, id).done(kind, 10)
}

/** Lets as many calls fail for another reason than the instance itself, one after the other. */
export async function failFrom(origin: FailureOrigin, world: Lab, id: string, times = 1): Promise<void> {
  for (let count = 0; count < times; count++) {
    await world.clock.advance(1)
    pickOf(world, id).done('failure', 10, origin)
  }
}

export function stateOf({ balancer }: Lab, id: string): BalancedInstance {
  return balancer.snapshot().instances.find((instance) => instance.id === id)!
}

/** The ids that get calls. */
export function used({ balancer }: Lab, picks = 100): string[] {
  const ids = Array.from({ length: picks }, (_, index) => {
    using pick = balancer.pick({ key: `k${String(index)}` })
    return pick.instance.id
  })
  return [...new Set(ids)].sort()
}

/** What one detector has counted. */
export function countsOf({ balancer }: Lab, detector: string): object {
  const found = balancer.snapshot().detectors.find((entry) => entry.detector === detector)!
  const { detected, enforced, unenforced } = found
  return { detected, enforced, ...unenforced }
}
