/** From what the limit of an instance learns, at its edges. */
import { expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'

const one = (initial: number): Lab => lab(fleet(1), { limit: { initial }, ejection: false })
const limitOf = ({ balancer }: Lab): number | undefined => balancer.snapshot().instances[0]?.limit

test('the call that ends counts among those in flight: two of four are half', () => {
  const world = one(4)
  world.balancer.pick()
  for (let call = 0; call < 50; call++) world.balancer.pick().done('success')

  // Two of five are less.
  expect(limitOf(world)).toBe(5)
})

test('a drop belongs to the burst in which its call began, whatever latency is told', async () => {
  const world = one(20)
  const [first, second] = [world.balancer.pick(), world.balancer.pick()]
  await world.clock.advance(100)
  first.done('timeout')
  const lowered = limitOf(world)
  await world.clock.advance(1)
  second.done('timeout', 0)

  expect([lowered, limitOf(world)]).toEqual([18, 18])
})
