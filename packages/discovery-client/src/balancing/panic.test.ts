import { describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { BalancerOptions } from './balancer-options.js'
import { end, stateOf, used } from './ejection.model.js'

/** i0 … are ejected, as many as told, of a list that was twice as long then. */
function halved(count: number, ejected: number, options: Partial<BalancerOptions> = {}): Lab {
  const world = lab(fleet(count * 2), {
    strategy: 'random',
    ...options,
    ejection: { jitterMs: 0, spareCommonFaults: false },
  })
  for (let index = 0; index < ejected; index++) end(world, `i${String(index)}`, 'failure', 5)
  world.source.publish(fleet(count))
  return world
}

describe('panic', () => {
  test('begins below half in service, and not at half', () => {
    const calm = halved(4, 2)
    const panicked = halved(4, 3)

    expect([used(calm), calm.balancer.snapshot().panic]).toEqual([['i2', 'i3'], false])
    expect([used(panicked), panicked.balancer.snapshot().panic]).toEqual([['i0', 'i1', 'i2', 'i3'], true])
  })

  test('is seen in picks, counted, and told when it begins and ends', async () => {
    const world = halved(2, 2)
    const told: boolean[] = []
    world.balancer.on('panic', ({ active }) => told.push(active))
    world.source.publish(fleet(4))
    world.balancer.snapshot()
    world.source.publish(fleet(2))
    const { why } = world.balancer.pick()
    world.balancer.pick()

    expect(why).toMatchObject({ panic: true, eligible: 2, exclusions: [] })
    expect(world.balancer.snapshot()).toMatchObject({ panicPicks: 2, ejected: 2 })
    await world.clock.advance(10_000)
    expect(world.balancer.snapshot().panic).toBe(false)
    expect(told).toEqual([false, true, false])
  })

  test('is told once, also where it begins with what a listener does', () => {
    const world = lab(fleet(2), { panic: { percent: 90 }, ejection: { consecutiveFailures: 1 } })
    const told: boolean[] = []
    world.balancer.on('panic', ({ active }) => told.push(active))
    world.balancer.on('added', () => {
      world.balancer.pick().done('failure')
      world.balancer.pick().done('ignored')
    })
    world.source.publish(fleet(3))

    expect([told, world.balancer.snapshot().panic]).toEqual([[true], true])
  })

  test('brings an instance back that answers meanwhile, and keeps none out for longer that fails', () => {
    const world = halved(4, 4)
    const [good, bad] = [
      world.balancer.pick({ exclude: ['i1', 'i2', 'i3'] }),
      world.balancer.pick({ exclude: ['i0', 'i2', 'i3'] }),
    ]
    good.done('success')
    const before = stateOf(world, 'i0').phase
    bad.done('failure')

    expect(before).toBe('ejected')
    expect(stateOf(world, 'i1').ejectedForMs).toBe(10_000)
  })

  test('brings one back by the success of a call that began after the ejection', async () => {
    const world = halved(4, 4)
    await world.clock.advance(1)
    world.balancer.pick({ exclude: ['i1', 'i2', 'i3'] }).done('success')

    expect(stateOf(world, 'i0').phase).toBe('serving')
  })

  test('can begin elsewhere, or be switched off, and then only nobody in service is a reason', () => {
    expect(used(halved(4, 1, { panic: { percent: 80 } }))).toHaveLength(4)
    expect(used(halved(4, 3, { panic: false }))).toEqual(['i3'])
    expect(used(halved(4, 4, { panic: false }))).toHaveLength(4)
  })

  test('never leaves one of one without calls', () => {
    const world = lab(fleet(1))
    end(world, 'i0', 'failure', 500)

    expect(used(world)).toEqual(['i0'])
    expect(world.balancer.snapshot()).toMatchObject({ ejected: 0, panic: false })
  })
})
