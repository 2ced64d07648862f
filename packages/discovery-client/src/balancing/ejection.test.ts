import { describe, expect, test } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import { countsOf, end, failFrom, pickOf, stateOf, used, ward } from './ejection.model.js'

const spared = { max_ejected: 0, enforcing_percent: 0, common_fault: 0 }

describe('failures in a row', () => {
  test('eject with the fifth, at once, whatever kind of failure it is', () => {
    const world = ward(3)
    end(world, 'i1', 'success')
    end(world, 'i0', 'failure', 4)
    const before = stateOf(world, 'i0').phase
    end(world, 'i0', 'timeout')

    expect([before, stateOf(world, 'i0').phase]).toEqual(['serving', 'ejected'])
    expect(used(world)).toEqual(['i1', 'i2'])
    expect(stateOf(world, 'i0')).toMatchObject({
      ejected: true,
      ejectedBy: 'consecutiveFailures',
      ejectedForMs: 10_000,
      ejections: 1,
    })
    expect(countsOf(world, 'consecutiveFailures')).toEqual({ detected: 1, enforced: 1, ...spared })
  })

  test('are ended by a success, and by nothing else', () => {
    const world = ward(3)
    end(world, 'i0', 'failure', 4)
    end(world, 'i0', 'success')
    end(world, 'i0', 'failure', 4)
    for (const kind of ['cancelled', 'ignored', 'rejected'] as const) end(world, 'i0', kind, 10)
    const before = stateOf(world, 'i0').phase
    end(world, 'i0', 'failure')

    expect([before, stateOf(world, 'i0').phase]).toEqual(['serving', 'ejected'])
  })

  test('are none where the instance was only too busy (429)', async () => {
    const world = ward(3)
    await failFrom('throttled', world, 'i0', 50)

    expect(stateOf(world, 'i0')).toMatchObject({ phase: 'serving', failures: 50, inFlight: 0 })
  })

  test("count as the instance's own where their origin is none of those that there are", () => {
    const world = ward(3)
    for (let call = 0; call < 5; call++) pickOf(world, 'i0').done('failure', 10, 'nowhere' as never)

    expect(stateOf(world, 'i0').phase).toBe('ejected')
  })

  test('of gateways and connections have counts of their own, which other failures end', async () => {
    const options = {
      consecutiveFailures: false,
      consecutiveGatewayFailures: 3,
      consecutiveLocalFailures: 2,
    } as const
    const world = ward(4, options)
    await failFrom('gateway', world, 'i0', 2)
    await failFrom('answer', world, 'i0', 1)
    await failFrom('gateway', world, 'i0', 2)
    const before = stateOf(world, 'i0').phase
    await failFrom('gateway', world, 'i0', 1)
    end(world, 'i1', 'success')
    await failFrom('local', world, 'i1', 1)
    await failFrom('gateway', world, 'i1', 1)
    await failFrom('local', world, 'i1', 1)
    const between = stateOf(world, 'i1').ejectedBy
    end(world, 'i2', 'success')
    await failFrom('local', world, 'i2', 2)

    expect([before, stateOf(world, 'i0').ejectedBy]).toEqual(['serving', 'consecutiveGatewayFailures'])
    // Failures of the connection are a gateway's too, so the third in a row was enough.
    expect(between).toBe('consecutiveGatewayFailures')
    expect(countsOf(world, 'consecutiveLocalFailures')).toMatchObject({ detected: 1, max_ejected: 1 })
  })

  test('are those of a gateway where an answer did not come in time, unless it is said whose they are', () => {
    const world = ward(3, { consecutiveFailures: false, consecutiveGatewayFailures: 2 })
    end(world, 'i1', 'success')
    for (const origin of ['answer', 'answer', undefined] as const)
      pickOf(world, 'i0').done('timeout', 10, origin)
    const before = stateOf(world, 'i0').phase
    end(world, 'i0', 'timeout')

    expect([before, stateOf(world, 'i0').ejectedBy]).toEqual(['serving', 'consecutiveGatewayFailures'])
  })

  test('are one where a connection fails that many calls wait for', async () => {
    const world = ward(3, { consecutiveLocalFailures: 2 })
    const waiting = Array.from({ length: 9 }, () => pickOf(world, 'i0'))
    for (const pick of waiting.slice(1)) pick.done('failure', 10, 'local')
    const before = stateOf(world, 'i0').phase
    await world.clock.advance(1)
    waiting[0]!.done('failure', 10, 'local')

    expect([before, stateOf(world, 'i0').ejectedBy]).toEqual(['serving', 'consecutiveLocalFailures'])
  })

  test('are not one for ever where connections are refused one after the other without a pause', async () => {
    const world = ward(3)
    for (let call = 0; call < 20; call++) {
      await world.clock.advance(0.4)
      if (stateOf(world, 'i0').phase === 'serving') pickOf(world, 'i0').done('failure', 0, 'local')
    }

    expect(stateOf(world, 'i0').phase).toBe('ejected')
  })

  test('of the connection can be kept apart', async () => {
    const world = ward(4, { splitLocalFailures: true, consecutiveLocalFailures: 8 })
    await failFrom('local', world, 'i0', 7)
    const before = stateOf(world, 'i0').phase
    await failFrom('local', world, 'i0', 1)

    end(world, 'i2', 'success')
    end(world, 'i1', 'failure', 5)

    expect([before, stateOf(world, 'i0').ejectedBy]).toEqual(['serving', 'consecutiveLocalFailures'])
    expect(stateOf(world, 'i1').ejectedBy).toBe('consecutiveFailures')
  })

  test('eject nobody while all fail alike, and do so when another one has answered', () => {
    const world = ward(4)
    for (let round = 0; round < 8; round++)
      for (const id of ['i0', 'i1', 'i2', 'i3']) end(world, id, 'failure')
    const during = world.balancer.snapshot().ejected
    end(world, 'i3', 'success')
    end(world, 'i0', 'failure')

    expect(during).toBe(0)
    expect(stateOf(world, 'i0').phase).toBe('ejected')
    expect(countsOf(world, 'consecutiveFailures')).toEqual({
      ...spared,
      detected: 5,
      enforced: 1,
      common_fault: 4,
    })
  })

  test.each([
    ['with one connection', 'local', {}],
    ['for another detector', 'answer', { splitLocalFailures: true }],
  ] as const)('are one finding, however many more calls then fail %s', (_what, last, options) => {
    const world = ward(2, options)
    for (let round = 0; round < 4; round++) for (const id of ['i0', 'i1']) end(world, id, 'failure')
    end(world, 'i1', 'failure')
    const picks = Array.from({ length: 20 }, () => pickOf(world, 'i0'))
    picks.pop()?.done('failure', 10, last)
    const before = countsOf(world, 'consecutiveFailures')
    for (const pick of picks) pick.done('failure', 10, 'local')

    expect(before).toEqual({ ...spared, detected: 2, enforced: 0, common_fault: 2 })
    expect(countsOf(world, 'consecutiveFailures')).toEqual(before)
  })

  test.each([
    ['gateway', 'consecutiveGatewayFailures', {}],
    ['local', 'consecutiveLocalFailures', {}],
    ['local', 'consecutiveLocalFailures', { splitLocalFailures: true }],
  ] as const)(
    'that all share are one finding each, of origin %s by %s with %j',
    async (origin, by, options) => {
      const world = ward(2, { ...options, consecutiveFailures: false, [by]: 3 })
      for (let round = 0; round < 5; round++) for (const id of ['i0', 'i1']) await failFrom(origin, world, id)

      expect(countsOf(world, by)).toEqual({ ...spared, detected: 2, enforced: 0, common_fault: 2 })
    },
  )

  test('eject an instance that is the only one to be asked', () => {
    const world = lab(fleet(3), { strategy: 'rendezvous' })
    const key = 'always the same'
    const first = world.balancer.pick({ key }).instance.id
    for (let count = 0; count < 6; count++) world.balancer.pick({ key }).done('failure')

    expect(world.balancer.pick({ key }).instance.id).not.toBe(first)
  })

  test('can be allowed to eject though all fail', () => {
    const world = ward(4, { spareCommonFaults: false })
    for (let round = 0; round < 5; round++) for (const id of ['i0', 'i1']) end(world, id, 'failure')

    expect(world.balancer.snapshot().ejected).toBe(2)
  })
})

describe('as many as may be', () => {
  test.each([
    [1, 0],
    [2, 1],
    [3, 1],
    [4, 2],
    [5, 2],
    [10, 5],
  ])('of %i instances at most %i are ejected', (count, most) => {
    const world = ward(count, { spareCommonFaults: false, baseEjectionMs: 1e6, maxEjectionMs: 1e6 })
    for (let index = 0; index < count; index++) {
      end(world, `i${String(index)}`, 'failure', 5)
    }

    expect(world.balancer.snapshot()).toMatchObject({ ejected: most, panic: false })
    expect(used(world).length).toBe(count - most)
  })

  test('a share that is less than one instance still allows one, unless told otherwise', () => {
    for (const [alwaysEjectOne, ejected] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const world = ward(5, { maxEjectedPercent: 10, alwaysEjectOne })
      end(world, 'i0', 'failure', 5)
      expect(world.balancer.snapshot().ejected).toBe(ejected)
    }
  })

  test('the last one is never ejected, whatever the options', () => {
    const world = lab(fleet(2), {
      strategy: 'random',
      panic: false,
      ejection: { maxEjectedPercent: 100, spareCommonFaults: false },
    })
    end(world, 'i0', 'failure', 5)
    end(world, 'i1', 'failure', 50)

    expect(used(world)).toEqual(['i1'])
    expect(countsOf(world, 'consecutiveFailures')).toMatchObject({ enforced: 1, max_ejected: 10 })
  })

  test('chance decides where it is told to, and what it spares is counted', () => {
    const world = ward(50, { enforcingPercent: { consecutiveFailures: 50 } })
    for (let index = 0; index < 50; index++) {
      end(world, 'i49', 'success')
      if (index < 40) end(world, `i${String(index)}`, 'failure', 5)
    }
    const { enforced, enforcing_percent } = countsOf(world, 'consecutiveFailures') as Record<string, number>

    expect(enforced! + enforcing_percent!).toBe(40)
    expect(Math.abs(enforced! - 20)).toBeLessThan(10)
    expect(world.balancer.snapshot().ejected).toBe(enforced)
  })
})

describe('ejection', () => {
  test('can be switched off', () => {
    const world = lab(fleet(3), { strategy: 'random', ejection: false })
    end(world, 'i0', 'failure', 100)

    expect(used(world)).toEqual(['i0', 'i1', 'i2'])
    expect(world.balancer.snapshot()).toMatchObject({ ejected: 0, detectors: [] })
  })

  test('is kept while an instance is away from the list, and does not follow it to another address', () => {
    const world = ward(3)
    end(world, 'i0', 'failure', 5)
    world.source.publish(fleet(3).slice(1))
    world.balancer.pick().done('success')
    world.source.publish(fleet(3))
    const same = stateOf(world, 'i0').phase
    world.source.publish(fleet(3, (index) => (index === 0 ? { port: 9_999 } : {})))

    expect([same, stateOf(world, 'i0').phase]).toEqual(['ejected', 'serving'])
  })

  test('says in each pick who is out, and why', () => {
    const world = ward(3)
    end(world, 'i0', 'failure', 5)
    const { why } = pickOf(world, 'i1')

    expect(why).toMatchObject({ eligible: 2, panic: false, trial: false })
    expect(why.exclusions).toEqual([
      { id: 'i0', reason: 'ejected', detector: 'consecutiveFailures' },
      { id: 'i2', reason: 'caller' },
    ])
  })

  test('tells its listeners, who may pick meanwhile', async () => {
    const world = ward(3)
    const heard: unknown[] = []
    world.balancer.on('ejected', ({ instance, detector, forMs }) => {
      heard.push([instance.id, detector, forMs, world.balancer.pick().instance.id === 'i0'])
    })
    world.balancer.on('restored', ({ instance }) => heard.push(instance.id))
    end(world, 'i0', 'failure', 5)
    await world.clock.advance(10_000)
    end(world, 'i0', 'success')

    expect(heard).toEqual([['i0', 'consecutiveFailures', 10_000, false], 'i0'])
  })

  test('takes an excluded instance in service before an ejected one', () => {
    const world = ward(2)
    end(world, 'i0', 'failure', 5)
    const pick = world.balancer.pick({ exclude: ['i1'] })

    expect([pick.instance.id, pick.why.relaxed]).toEqual(['i1', true])
  })
})
