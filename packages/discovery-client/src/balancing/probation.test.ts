import { NoInstancesError } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import { end, used } from './ejection.model.js'

/** All have answered, and then the list is this long. */
function shrunk(before: number, after: number, options: object = {}): Lab {
  const world = lab(fleet(before), { strategy: 'random', probation: options })
  for (let index = 0; index < before; index++) end(world, `i${String(index)}`, 'success')
  world.source.publish(fleet(after))
  return world
}

describe('a list that shrinks', () => {
  test.each([
    [4, 1, 4],
    [4, 0, 4],
    [1, 0, 1],
    [2, 0, 2],
    [4, 2, 2],
    [2, 1, 1],
    [10, 4, 10],
    [10, 5, 5],
  ])('from %i to %i leaves %i to be called', (before, after, left) => {
    expect(used(shrunk(before, after), 200)).toHaveLength(left)
  })

  test('is believed when the time is over', async () => {
    const world = shrunk(4, 1)
    const flags = world.balancer.snapshot().instances.map(({ probation }) => probation)
    await world.clock.advance(59_999)
    const before = used(world)
    await world.clock.advance(1)

    expect(flags).toEqual([false, true, true, true])
    expect([before.length, used(world)]).toEqual([4, ['i0']])
  })

  test('is believed of each one that fails, and at the end there is nobody', () => {
    const world = shrunk(2, 0)
    end(world, 'i1', 'failure')
    const after = used(world)
    end(world, 'i0', 'timeout')

    expect(after).toEqual(['i0'])
    expect(() => world.balancer.pick()).toThrow(NoInstancesError)
  })

  test('is believed of those that have not answered lately', async () => {
    const world = lab(fleet(4), { strategy: 'random', probation: {} })
    end(world, 'i0', 'success')
    await world.clock.advance(1)
    end(world, 'i1', 'success')
    await world.clock.advance(30_000)
    world.source.publish([])

    expect(used(world)).toEqual(['i1'])
  })

  test('further does not renew the time of those that have gone before', async () => {
    const world = shrunk(8, 3)
    world.balancer.snapshot()
    await world.clock.advance(20_000)
    for (const id of ['i0', 'i1', 'i2']) end(world, id, 'success')
    world.source.publish([])
    world.balancer.snapshot()
    await world.clock.advance(40_000)

    expect(used(world)).toEqual(['i0', 'i1', 'i2'])
  })

  test('and grows again has lost nobody', async () => {
    const world = shrunk(4, 0)
    world.balancer.snapshot()
    world.source.publish(fleet(4))
    await world.clock.advance(100_000)

    expect(used(world)).toHaveLength(4)
    expect(world.balancer.snapshot().instances.map(({ successes }) => successes)).toEqual([1, 1, 1, 1])
  })

  test('again is held back again, for as long as the first time', async () => {
    const world = shrunk(4, 0)
    world.balancer.snapshot()
    await world.clock.advance(50_000)
    world.source.publish(fleet(4))
    for (let index = 0; index < 4; index++) end(world, `i${String(index)}`, 'success')
    const flags = world.balancer.snapshot().instances.map(({ probation }) => probation)
    world.source.publish([])
    world.balancer.snapshot()
    await world.clock.advance(50_000)

    expect(flags).toEqual([false, false, false, false])
    expect(used(world)).toHaveLength(4)
  })

  test('is believed at once where it says that instances are down, and without the option', () => {
    const down = shrunk(3, 3)
    down.source.publish(fleet(3, () => ({ status: 'DOWN' })))
    const plain = lab(fleet(2))
    plain.balancer.pick().done('success')
    const flags = plain.balancer.snapshot().instances.map(({ probation }) => probation)
    plain.source.publish([])

    expect(flags).toEqual([false, false])
    expect(() => down.balancer.pick()).toThrow(NoInstancesError)
    expect(() => plain.balancer.pick()).toThrow(NoInstancesError)
  })
})
