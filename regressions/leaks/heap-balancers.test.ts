/**
 * A balancer lives as long as its process and remembers instances: their latencies, their failures, whom it has ejected.
 * None of it may grow with the calls, or with instances that have gone.
 */
import { createBalancer, StaticSource } from '@breakwater/discovery-client'
import type { Balancer, StrategyName } from '@breakwater/discovery-client'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing } from '../calls.model.js'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import type { Load } from './leaks.model.js'
import { caller } from './loads.model.js'

failOnWarnings()

const SERVICE = 'users'
const GROUP = 250
const hosts = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `http://10.0.0.1:${String(1_000 + ((from + index) % 60_000))}`)

interface Fleet {
  readonly clock: SimClock
  readonly source: StaticSource
  readonly balancer: Balancer
}

function fleet(strategy: StrategyName): Fleet {
  const clock = new SimClock()
  const source = new StaticSource({ [SERVICE]: hosts(0, 8) }, { clock })
  const balancer = createBalancer({
    ...{ source, service: SERVICE, strategy, clock },
    ejection: {},
    slowStart: {},
    zone: { own: 'a' },
  })
  return { clock, source, balancer }
}

test.each<StrategyName>(['adaptive', 'roundRobin', 'peakEwma', 'ringHash', 'weightedResponseTime'])(
  'a balancer keeps nothing of a pick, done or given back: %s',
  async (strategy) => {
    const { balancer, clock } = fleet(strategy)

    const load: Load = (count) => {
      for (let call = 0; call < count; call++) {
        const pick = balancer.pick({
          key: `key ${String(call)}`,
          exclude: [`10.0.0.1:${String(1_000 + (call % 8))}`],
        })
        if (call % 100 === 0) clock.stall(10)
        if (call % 3 === 0) pick[Symbol.dispose]()
        else pick.done(call % 7 === 0 ? 'timeout' : 'success', 5)
      }
      return Promise.resolve()
    }

    expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
    expect(balancer.snapshot().instances.every(({ inFlight }) => inFlight === 0)).toBe(true)
    balancer.dispose()
    expect(clock.pending.timers).toBe(0)
  },
)

test('a balancer keeps nothing of a call that it executed', async () => {
  const { balancer, clock } = fleet('adaptive')

  const load: Load = async (count) => {
    for (let done = 0; done < count; done += GROUP) {
      const options = { signal: caller.signal, budgetMs: 1_000 }
      const calls = Array.from({ length: GROUP }, (_, index) =>
        balancer.execute(index % 5 === 0 ? failing : answering, options).catch(() => undefined),
      )
      await clock.advance(10)
      await Promise.all(calls)
    }
  }

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(balancer.snapshot().instances.every(({ inFlight }) => inFlight === 0)).toBe(true)
})

test.each<StrategyName>(['adaptive', 'rendezvous', 'weighted'])(
  'a balancer keeps nothing of instances that have gone: %s',
  async (strategy) => {
    const { balancer, source, clock } = fleet(strategy)
    balancer.on('removed', () => undefined)
    let next = 0

    const load: Load = (count) => {
      for (let refresh = 0; refresh < count; refresh++) {
        source.set({ [SERVICE]: hosts((next += 3), 8) })
        clock.stall(100)
        balancer.pick().done('success', 5)
      }
      return Promise.resolve()
    }

    // Of eight instances each.
    expect(await bytesEach(load, 500)).toBeLessThanOrEqual(8 * MAX_BYTES_EACH)
    expect(balancer.snapshot().instances).toHaveLength(8)
  },
)

test('a balancer keeps nothing of an ejection that is over', async () => {
  const { balancer, clock } = fleet('roundRobin')
  let ejections = 0
  balancer.on('ejected', () => ejections++)

  const load: Load = (count) => {
    for (let outage = 0; outage < count; outage++) {
      for (let call = 0; call < 80; call++) {
        const pick = balancer.pick()
        pick.done(pick.instance.port === 1_000 ? 'failure' : 'success', 5)
      }
      clock.stall(600_000)
    }
    return Promise.resolve()
  }

  // Of eighty calls each.
  expect(await bytesEach(load, 100)).toBeLessThanOrEqual(80 * MAX_BYTES_EACH)
  expect(ejections).toBeGreaterThan(1_000)
})

test('balancers that were disposed of leave nothing at their source', async () => {
  const { source, clock } = fleet('adaptive')

  const load: Load = (count) => {
    for (let life = 0; life < count; life++) {
      const balancer = createBalancer({ source, service: SERVICE, clock })
      balancer.on('ejected', () => undefined)
      balancer.pick().done('success')
      balancer.dispose()
    }
    return Promise.resolve()
  }

  expect(await bytesEach(load, 500)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})
