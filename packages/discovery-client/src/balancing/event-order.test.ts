/** Events of a list and events of ejection, where listeners of the one bring about the other. */
import { describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import { end, pickOf, ward } from './ejection.model.js'

function listen({ balancer }: Lab): string[] {
  const heard: string[] = []
  for (const event of ['added', 'removed', 'drained', 'ejected'] as const) {
    balancer.on(event, ({ instance }) => heard.push(`${event} ${instance.id}`))
  }
  return heard
}

describe('an instance that leaves', () => {
  test('is drained once where who hears of its ejection takes it out of the list', () => {
    const world = ward(3, { consecutiveFailures: 1 })
    const heard = listen(world)
    world.balancer.on('ejected', () => {
      world.source.publish(fleet(3).slice(1))
    })
    end(world, 'i0', 'failure')

    expect(heard).toEqual(['ejected i0', 'removed i0', 'drained i0'])
  })

  test('is removed and then drained once where who hears of an ejection ends its last call', async () => {
    const rule = { minHosts: 1, minVolume: 1 }
    const world = ward(4, { consecutiveFailures: false, failurePercentage: rule })
    const heard = listen(world)
    const last = pickOf(world, 'i3')
    world.balancer.on('ejected', () => {
      last.done('cancelled')
    })
    end(world, 'i0', 'failure')
    end(world, 'i1', 'success')
    await world.clock.advance(10_000)
    world.source.publish(fleet(3))

    expect(heard).toEqual(['removed i3', 'ejected i0', 'drained i3'])
  })

  test.each([
    ['list', fleet(2)],
    ['service', fleet(10, (index) => (index < 2 ? {} : { status: 'DOWN' as const }))],
  ])(
    'the %s is not ejected for calls that fail later, so that no more are out than may be when all are back',
    async (_from, rest) => {
      const world = ward(10, { spareCommonFaults: false })
      const heard = listen(world)
      await world.clock.advance(1)
      const open = fleet(10).flatMap(({ id }) => Array.from({ length: 5 }, () => pickOf(world, id)))
      world.source.publish(rest)
      for (const pick of open.slice(10)) pick.done('failure')
      world.source.publish(fleet(10))

      expect(heard.filter((event) => event.startsWith('ejected'))).toEqual([])
      expect(world.balancer.snapshot()).toMatchObject({ ejected: 0, panic: false })
    },
  )
})

test('who comes is told before its ejection, whenever a listener calls it', () => {
  const world = lab(fleet(3), { ejection: { consecutiveFailures: 1 } })
  world.balancer.on('removed', () => {
    end(world, 'i3', 'failure')
  })
  const heard = listen(world)
  world.source.publish(fleet(4).slice(1))

  expect(heard).toEqual(['removed i0', 'drained i0', 'added i3', 'ejected i3'])
})
