import { onInternalError } from '@breakwater/kernel'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'

let reports: string[] = []
let unsubscribe = (): void => {}
beforeEach(() => {
  reports = []
  unsubscribe = onInternalError((error) => reports.push(String(error)))
})
afterEach(() => {
  unsubscribe()
})

function listen({ balancer }: Lab): string[] {
  const heard: string[] = []
  for (const event of ['added', 'removed', 'drained'] as const) {
    balancer.on(event, ({ instance }) => heard.push(`${event} ${instance.id}:${String(instance.port)}`))
  }
  return heard
}

describe('an instance that leaves', () => {
  test('gets no calls any more, and is drained when the last one has ended', () => {
    const world = lab(fleet(2))
    const heard = listen(world)
    const open = [0, 1].map(() => world.balancer.pick({ exclude: ['i1'] }))
    world.source.publish(fleet(2).slice(1))
    const pick = world.balancer.pick({ exclude: ['i1'] })
    const { draining } = world.balancer.snapshot()
    open[0]!.done('success')
    const before = [...heard]
    open[1]!.done('failure')
    open[1]!.done('failure')

    expect(pick.instance.id).toBe('i1')
    expect(pick.why.exclusions).toEqual([{ id: 'i0', reason: 'draining' }])
    expect(draining).toEqual([{ id: 'i0', inFlight: 2 }])
    expect(before).toEqual(['removed i0:1000'])
    expect(heard).toEqual(['removed i0:1000', 'drained i0:1000'])
    expect(world.balancer.snapshot().draining).toEqual([])
  })

  test('without calls is drained at once, though nobody picks', () => {
    const world = lab(fleet(2))
    const heard = listen(world)
    world.source.publish(fleet(1))

    expect(heard).toEqual(['removed i1:1001', 'drained i1:1001'])
  })

  test('and comes back before it has drained is not drained', () => {
    const world = lab(fleet(2))
    const heard = listen(world)
    const open = world.balancer.pick({ exclude: ['i1'] })
    world.source.publish(fleet(2).slice(1))
    world.source.publish(fleet(2))
    open.done('success')

    expect(heard).toEqual(['removed i0:1000', 'added i0:1000'])
    expect(world.balancer.snapshot().instances[0]).toMatchObject({ inFlight: 0, successes: 1 })
  })

  test('from its address is drained there while it is called at the new one', () => {
    const world = lab(fleet(1))
    const heard = listen(world)
    const open = world.balancer.pick()
    world.source.publish(fleet(1, () => ({ port: 7_000 })))
    const next = world.balancer.pick()
    open.done('success')

    expect(next.instance.port).toBe(7_000)
    expect(heard).toEqual(['removed i0:1000', 'added i0:7000', 'drained i0:1000'])
  })

  test('from its address and comes back to it before it has drained is not drained', () => {
    const world = lab(fleet(1))
    const heard = listen(world)
    const open = world.balancer.pick()
    world.source.publish(fleet(1, () => ({ port: 7_000 })))
    world.source.publish(fleet(1))
    const during = world.balancer.snapshot()
    open.done('success')

    expect(during).toMatchObject({ instances: [{ inFlight: 1 }], draining: [] })
    expect(heard.filter((event) => event.endsWith(':1000'))).toEqual(['removed i0:1000', 'added i0:1000'])
  })

  test('is told to nobody after the balancer is disposed', () => {
    const world = lab(fleet(1))
    const heard = listen(world)
    const open = world.balancer.pick()
    world.source.publish([])
    world.balancer.dispose()
    open.done('success')

    expect(heard).toEqual(['removed i0:1000'])
  })

  test('is told in order to a listener that picks', () => {
    const world = lab(fleet(1))
    const ids: string[] = []
    world.balancer.on('added', () => ids.push(world.balancer.pick({ exclude: ['i0'] }).instance.id))
    world.source.publish(fleet(2))

    expect(ids).toEqual(['i1'])
  })
})

describe('a pick that is never done', () => {
  test('is reported once, counted until it is done, and never taken for done', async () => {
    const world = lab(fleet(2), { leakAlarmMs: 60_000 })
    const told: unknown[] = []
    world.balancer.on('overdue', ({ instance, picks }) => told.push([instance.id, picks]))
    const lost = [1, 2].map(() => world.balancer.pick({ exclude: ['i1'] }))
    const states: unknown[] = []
    for (let minute = 0; minute < 4; minute++) {
      await world.clock.advance(60_000)
      const { inFlight, overdue } = world.balancer.snapshot().instances[0]!
      states.push([inFlight, overdue])
    }
    lost[0]!.done('success')
    const after = world.balancer.snapshot().instances[0]

    expect(states).toEqual([
      [2, 0],
      [2, 2],
      [2, 2],
      [2, 2],
    ])
    expect(after).toMatchObject({ inFlight: 1, overdue: 1 })
    expect(told).toEqual([['i0', 2]])
    expect(reports).toEqual([expect.stringContaining('users: 2 picks were not done within 60000 ms')])
  })

  test.each([
    ['90 s after the last look', [90_000, 30_000], [0, 1]],
    ['an hour in which nobody looked', [3_600_000], [1]],
    ['an hour, and another pick since then', [3_600_000, 60_000], [1, 1]],
  ])('is found within twice the time, %s', async (_what, waits, overdue) => {
    const world = lab(fleet(1), { leakAlarmMs: 60_000 })
    world.balancer.pick()
    const found: unknown[] = []
    for (const waitMs of waits) {
      await world.clock.advance(waitMs)
      world.balancer.pick().done('success')
      found.push(world.balancer.snapshot().instances[0]?.overdue)
    }

    expect(found).toEqual(overdue)
  })

  test('is told from many that are', async () => {
    const world = lab(fleet(1), { leakAlarmMs: 60_000 })
    world.balancer.pick()
    for (let second = 0; second < 200; second++) {
      const pick = world.balancer.pick()
      await world.clock.advance(1_000)
      pick.done('success')
    }

    expect(world.balancer.snapshot().instances[0]).toMatchObject({ inFlight: 1, overdue: 1 })
  })

  test('is told from one that takes long', async () => {
    const world = lab(fleet(1), { leakAlarmMs: 60_000 })
    const long = world.balancer.pick()
    await world.clock.advance(60_000)
    world.balancer.pick().done('success')
    await world.clock.advance(30_000)
    long.done('success')
    for (let minute = 0; minute < 3; minute++) {
      await world.clock.advance(60_000)
      expect(world.balancer.snapshot().instances[0]).toMatchObject({ inFlight: 0, overdue: 0 })
    }
    expect(reports).toEqual([])
  })

  test('is reported once for a balancer, and told each time', async () => {
    const world = lab(fleet(1), { leakAlarmMs: 60_000 })
    const told: number[] = []
    world.balancer.on('overdue', ({ picks }) => told.push(picks))
    for (let minute = 0; minute < 4; minute++) {
      world.balancer.pick()
      await world.clock.advance(60_000)
    }
    world.balancer.snapshot()

    expect([told, reports.length]).toEqual([[1, 2, 3], 1])
  })

  test('is none that has ended, also where a listener picks while it ends', async () => {
    const world = lab(fleet(1), { leakAlarmMs: 60_000, ejection: { consecutiveFailures: 1, jitterMs: 0 } })
    world.source.publish(fleet(2))
    const told: number[] = []
    world.balancer.on('overdue', ({ picks }) => told.push(picks))
    world.balancer.on('ejected', () => {
      world.balancer.pick().done('success')
    })
    const pick = world.balancer.pick()
    await world.clock.advance(61_000)
    pick.done('failure')
    const after = world.balancer.snapshot().instances.map(({ overdue }) => overdue)
    await world.clock.advance(60_000)
    const later = world.balancer.snapshot().instances.map(({ overdue }) => overdue)

    expect([after, later, told, reports]).toEqual([[0, 0], [0, 0], [], []])
  })

  test('does not matter where the alarm is off', async () => {
    const world = lab(fleet(1), { leakAlarmMs: false })
    world.balancer.pick()
    await world.clock.advance(10_000_000)

    expect([world.balancer.snapshot().instances[0]?.overdue, reports]).toEqual([0, []])
  })
})

describe('who hears of a change', () => {
  test('and ends the last call to an instance that has left hears once that it is drained', () => {
    const world = lab(fleet(3))
    const open = world.balancer.pick({ exclude: ['i1', 'i2'] })
    world.balancer.on('removed', ({ instance }) => {
      if (instance.id === 'i0') open.done('cancelled')
    })
    const heard = listen(world)

    world.source.publish(fleet(3).slice(2))

    expect(heard.toSorted()).toEqual([
      'drained i0:1000',
      'drained i1:1001',
      'removed i0:1000',
      'removed i1:1001',
    ])
  })

  test('and brings the next list hears of that one after the first', () => {
    const world = lab(fleet(1))
    const unsubscribe = world.balancer.on('added', () => {
      unsubscribe()
      world.source.publish(fleet(2))
    })
    const heard = listen(world)

    world.source.publish(fleet(3))

    expect(heard).toEqual(['added i1:1001', 'added i2:1002', 'removed i2:1002', 'drained i2:1002'])
  })
})
