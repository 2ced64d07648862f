import { describe, expect, test } from 'vitest'
import { fleet, lab, shares } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import { countsOf, end, pickOf, stateOf, used, ward } from './ejection.model.js'

/** i0 has been ejected, and its time is over. */
async function due(...options: Parameters<typeof ward>): Promise<Lab> {
  const world = ward(...options)
  end(world, 'i1', 'success')
  end(world, 'i0', 'failure', 5)
  await world.clock.advance(10_000)
  return world
}

describe('an ejected instance', () => {
  test('gets nothing until its time is over, and then a single call', async () => {
    const world = await due(3)
    const trial = pickOf(world, 'i0')

    expect(trial.why).toMatchObject({ trial: true })
    expect(stateOf(world, 'i0')).toMatchObject({ phase: 'trial', ejected: true, inFlight: 1 })
    expect(used(world)).toEqual(['i1', 'i2'])
    expect(world.balancer.pick().why.exclusions).toContainEqual({
      id: 'i0',
      reason: 'trial',
      detector: 'consecutiveFailures',
    })
  })

  test('is not early', async () => {
    const world = ward(3)
    end(world, 'i0', 'failure', 5)
    await world.clock.advance(9_999)
    const before = used(world)
    await world.clock.advance(1)

    expect([before, used(world)]).toEqual([
      ['i1', 'i2'],
      ['i0', 'i1', 'i2'],
    ])
  })

  test('is back with the success of its trial', async () => {
    const world = await due(3)
    end(world, 'i0', 'success')

    expect(stateOf(world, 'i0')).toMatchObject({ phase: 'serving', ejectedBy: undefined, ejections: 1 })
    expect(used(world)).toEqual(['i0', 'i1', 'i2'])
  })

  test('is out for longer each time that its trial fails, up to the limit', async () => {
    const world = await due(3, { maxEjectionMs: 35_000 })
    const times: unknown[] = []
    for (let trial = 0; trial < 5; trial++) {
      end(world, 'i0', 'timeout')
      const { ejectedForMs } = stateOf(world, 'i0')
      times.push(ejectedForMs)
      await world.clock.advance(ejectedForMs!)
    }

    expect(times).toEqual([20_000, 30_000, 35_000, 35_000, 35_000])
    expect(countsOf(world, 'trial')).toMatchObject({ detected: 5, enforced: 5 })
    expect(stateOf(world, 'i0')).toMatchObject({ phase: 'due', ejectedBy: 'trial', ejections: 6 })
  })

  test.each(['cancelled', 'ignored', 'rejected'] as const)(
    'whose trial is %s gets another one at once',
    async (kind) => {
      const world = await due(3)
      end(world, 'i0', kind)

      expect(stateOf(world, 'i0').phase).toBe('due')
      expect(pickOf(world, 'i0').why.trial).toBe(true)
    },
  )

  test('whose trial never ends gets another one, whose end counts and not that of the first', async () => {
    const world = await due(3)
    const lost = pickOf(world, 'i0')
    await world.clock.advance(10_000)
    const second = pickOf(world, 'i0')
    lost.done('failure')
    const between = stateOf(world, 'i0').phase
    second.done('success', 5)

    expect([second.why.trial, between, stateOf(world, 'i0').phase]).toEqual([true, 'trial', 'serving'])
  })

  test('is not brought back by calls from before, nor kept out for longer', async () => {
    const world = ward(3)
    const [good, bad] = [pickOf(world, 'i0'), pickOf(world, 'i0')]
    await world.clock.advance(5)
    end(world, 'i0', 'failure', 5)
    await world.clock.advance(5)
    good.done('success')
    bad.done('failure')

    expect(stateOf(world, 'i0')).toMatchObject({ phase: 'ejected', ejectedForMs: 9_995, inFlight: 0 })
  })

  test('is not ejected anew by the failures of calls from before, after it has come back', async () => {
    const world = ward(3)
    const hanging = Array.from({ length: 20 }, () => pickOf(world, 'i0'))
    await world.clock.advance(5)
    end(world, 'i0', 'timeout', 5)
    await world.clock.advance(10_000)
    end(world, 'i0', 'success', 2)
    for (const pick of hanging) pick.done('timeout')
    await world.clock.advance(10_000)
    end(world, 'i1', 'success')

    expect(stateOf(world, 'i0')).toMatchObject({ phase: 'serving', ejections: 1, timeouts: 25 })
    end(world, 'i0', 'timeout', 5)
    expect(stateOf(world, 'i0')).toMatchObject({ phase: 'ejected', ejections: 2 })
  })

  test.each(['adaptive', 'peakEwma', 'leastRequest', 'bestAvailable'] as const)(
    'is tried by %s when it thinks that this is worth a call, which is soon',
    async (strategy) => {
      const world = await due(3, {}, { strategy })
      const trials: unknown[] = []
      for (let second = 0; second < 40; second++) {
        for (let call = 0; call < 10; call++) {
          const pick = world.balancer.pick()
          if (pick.why.trial) trials.push(pick.instance.id)
          pick.done('success', 10)
        }
        await world.clock.advance(1_000)
      }

      expect(trials).toEqual(['i0'])
      expect(stateOf(world, 'i0').phase).toBe('serving')
    },
  )

  test('has its ejections forgotten by and by while it serves', async () => {
    const again = async (servedMs: number): Promise<number | undefined> => {
      const world = await due(3)
      end(world, 'i0', 'failure')
      await world.clock.advance(20_000)
      end(world, 'i0', 'success')
      await world.clock.advance(servedMs)
      end(world, 'i1', 'success')
      end(world, 'i0', 'failure', 5)
      return stateOf(world, 'i0').ejectedForMs
    }

    expect(await Promise.all([0, 9_999, 10_000, 20_000, 1e6].map(again))).toEqual([
      30_000, 30_000, 20_000, 10_000, 10_000,
    ])
  })

  test('need not pay back terms that added nothing, because the longest was reached', async () => {
    const world = await due(3, { maxEjectionMs: 35_000 })
    for (let trial = 0; trial < 20; trial++) {
      end(world, 'i0', 'failure')
      await world.clock.advance(35_000)
    }
    end(world, 'i0', 'success')
    await world.clock.advance(40_000)
    end(world, 'i1', 'success')
    end(world, 'i0', 'failure', 5)

    expect(stateOf(world, 'i0').ejectedForMs).toBe(10_000)
  })

  test('comes back with all its traffic where a timer decides, as in Envoy', async () => {
    const world = await due(3, { recovery: 'timer' })
    const picks = [pickOf(world, 'i0'), pickOf(world, 'i0')]

    expect(picks.map(({ why }) => why.trial)).toEqual([false, false])
    expect(stateOf(world, 'i0').phase).toBe('serving')
  })

  test('warms up where instances do', async () => {
    const world = await due(10, {}, { slowStart: { windowMs: 10_000 } })
    end(world, 'i0', 'success')
    const share = (): number => shares(world.balancer, 10_000).get('i0')! / 1_000
    const first = share()
    await world.clock.advance(10_000)

    expect(first).toBeCloseTo(0.1, 1)
    expect(share()).toBeCloseTo(1, 0)
  })

  test.each(['ringHash', 'maglev', 'rendezvous'] as const)(
    'under %s is tried with a key of its own, and other keys stay where they are',
    async (strategy) => {
      const world = lab(fleet(5), { strategy, ejection: { jitterMs: 0 } })
      const keys = Array.from({ length: 200 }, (_, index) => `key ${String(index)}`)
      const owner = (key: string): string => world.balancer.pick({ key }).instance.id
      const before = keys.map(owner)
      for (let count = 0; count < 5; count++) {
        world.balancer.pick({ key: keys[before.indexOf('i0')]! }).done('failure')
      }
      const during = keys.map(owner)
      await world.clock.advance(10_000)
      const key = keys[before.indexOf('i0')]!
      const trial = world.balancer.pick({ key })
      const meanwhile = owner(key)
      trial.done('success')

      expect(during).not.toContain('i0')
      expect(trial.instance.id).toBe('i0')
      expect(meanwhile).toBe(during[before.indexOf('i0')])
      expect(keys.map(owner)).toEqual(before)
      if (strategy !== 'maglev') {
        expect(keys.filter((_, index) => before[index] !== 'i0' && before[index] !== during[index])).toEqual(
          [],
        )
      }
    },
  )

  test('adds chance to the time, so that many clients do not come back at once', () => {
    const times = Array.from({ length: 50 }, () => {
      const world = ward(3, { jitterMs: 4_000 }, { random: { next: Math.random } })
      end(world, 'i0', 'failure', 5)
      return stateOf(world, 'i0').ejectedForMs!
    })

    expect(Math.min(...times)).toBeGreaterThanOrEqual(10_000)
    expect(Math.max(...times)).toBeLessThan(14_000)
    expect(new Set(times).size).toBeGreaterThan(40)
  })
})

test('a list that comes while somebody hears of a return is in use with the next pick', async () => {
  const world = ward(3, { recovery: 'timer' })
  const successor = fleet(4).slice(3)
  world.balancer.on('restored', () => {
    world.source.publish(successor)
  })
  end(world, 'i0', 'failure', 5)
  await world.clock.advance(10_000)
  world.balancer.pick().done('success')

  expect(used(world)).toEqual(['i3'])
})
