import { createRuntime } from '@breakwater/kernel'
import type { BalancedInstanceReading, BalancerReading } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { quietInstance } from './fake-instruments.model.js'
import type { MetricsOptions } from './metrics-options.js'
import { renderPrometheus } from './render-prometheus.js'
import { parseText } from './strict-parser.model.js'

const NO_CALLS = { success: 0, failure: 0, timeout: 0, neutral: 0 }
const QUIET: BalancerReading = {
  strategy: 'adaptive',
  calls: { success: 0, failure: 0, timeout: 0, rejected: 0, cancelled: 0, ignored: 0, no_instance: 0 },
  inFlight: 0,
  instances: [],
  ejections: [],
  panic: false,
  panicPicks: 0,
  rebuilds: 0,
  listUpdatedAt: undefined,
}

interface Shown {
  reading: Partial<BalancerReading>
  /** The samples of one metric, by the values of its labels but for the balancer's. */
  samples(metric: string): Record<string, number>
  page(): string
}

function shown(reading: Partial<BalancerReading>, options: MetricsOptions = {}): Shown {
  const runtime = createRuntime()
  const state = { reading }
  runtime.register({ kind: 'balancer', name: 'users', read: () => ({ ...QUIET, ...state.reading }) })
  const page = (): string => renderPrometheus({ runtime, clock: new SimClock(), ...options })
  const samples = (metric: string): Record<string, number> => {
    const family = parseText(page()).find(({ name }) => name === `breakwater_lb_${metric}`)
    return Object.fromEntries(
      (family?.samples ?? []).map(({ labels: { client, ...others }, value }) => {
        expect(client).toBe('users')
        return [Object.values(others).join(' '), value] as const
      }),
    )
  }
  return Object.assign(state, { page, samples })
}

test('writes exactly this page for a balancer', async () => {
  const { page } = shown(
    {
      calls: {
        success: 90,
        failure: 4,
        timeout: 3,
        rejected: 2,
        cancelled: 1,
        ignored: 5,
        no_instance: 6,
        full: 7,
      },
      inFlight: 7,
      instances: [
        quietInstance('a:80', {
          zone: 'east',
          inFlight: 5,
          limit: 18,
          latencyMs: 20,
          score: 120,
          calls: { ...NO_CALLS, success: 90 },
        }),
        quietInstance('b:80', {
          zone: 'east',
          inFlight: 1,
          state: 'trial',
          calls: { ...NO_CALLS, failure: 4 },
        }),
        quietInstance('c:80', { zone: 'west', inFlight: 1, state: 'ejected', latencyMs: 5_000 }),
        quietInstance('d:80', { state: 'down' }),
      ],
      ejections: [
        { detector: 'consecutiveFailures', enforced: 2, unenforced: { max_ejected: 1, common_fault: 0 } },
        { detector: 'successRate', enforced: 0, unenforced: { max_ejected: 0, common_fault: 3 } },
      ],
      panic: true,
      panicPicks: 8,
      rebuilds: 9,
      listUpdatedAt: 1_767_225_600_500,
    },
    { maxInstances: 10 },
  )

  const own = page()
    .split('\n')
    .filter((line) => line.includes('_lb_'))
    .join('\n')
  await expect(`${own}\n`).toMatchFileSnapshot('__golden__/balancer.txt')
})

test('shows every outcome and state as zero before it happens, and no series of instances unless asked to', () => {
  const { samples } = shown({ instances: [quietInstance('a')] })

  expect(Object.values(samples('requests_total'))).toEqual([0, 0, 0, 0, 0, 0, 0])
  expect(samples('servers')).toEqual({ available: 1, ejected: 0, trial: 0, down: 0 })
  expect(['server_requests_total', 'server_active', 'server_ejected'].map(samples)).toEqual([{}, {}, {}])
  expect([samples('list_timestamp_seconds'), samples('zone_servers'), samples('panic')]).toEqual([
    {},
    {},
    { '': 0 },
  ])
})

test('shows how loaded each zone is, and nothing for a lost one', () => {
  const { samples } = shown({
    instances: [
      quietInstance('a', { zone: 'east', inFlight: 3 }),
      quietInstance('b', { zone: 'east', inFlight: 2 }),
      quietInstance('c', { zone: 'east', inFlight: 1, state: 'ejected' }),
      quietInstance('d', { zone: 'west', inFlight: 4, state: 'ejected' }),
    ],
  })

  expect(samples('zone_load')).toEqual({ east: 3 })
  expect(samples('zone_servers')).toMatchObject({
    'east available': 2,
    'west available': 0,
    'west ejected': 1,
  })
})

test('X4: shows so many zones by themselves, and the others together', () => {
  const instances = Array.from({ length: 30 }, (_, index) =>
    quietInstance(String(index), { zone: `z${String(index).padStart(2, '0')}` }),
  )
  const { samples } = shown({ instances })

  const zones = Object.entries(samples('zone_servers')).filter(([label]) => label.endsWith('available'))
  expect(zones).toHaveLength(21)
  expect(zones).toContainEqual(['z19 available', 1])
  expect(zones).toContainEqual(['__other__ available', 10])
})

test('X4: sums instances above the limit up, and keeps the sum when they leave', () => {
  const lab = shown({}, { maxInstances: 2 })
  const calls = (success: number): Partial<BalancedInstanceReading> => ({ calls: { ...NO_CALLS, success } })
  const successes = (): unknown =>
    Object.entries(lab.samples('server_requests_total'))
      .filter(([label]) => label.endsWith('success'))
      .map(([label, value]) => [label.replace(' success', ''), value])

  lab.reading = {
    instances: [
      quietInstance('a', calls(1)),
      quietInstance('b', calls(2)),
      quietInstance('c', calls(40)),
      quietInstance('d', calls(500)),
    ],
  }
  const first = successes()
  lab.reading = {
    instances: [quietInstance('b', calls(3)), quietInstance('c', calls(41)), quietInstance('e', calls(7))],
  }
  const second = successes()
  lab.reading = {
    instances: [quietInstance('b', calls(3)), quietInstance('d', calls(501)), quietInstance('c', calls(1))],
  }
  const third = successes()

  expect(first).toEqual([
    ['a', 1],
    ['b', 2],
    ['__other__', 540],
  ])
  // e takes the free place; c stays in the sum, or its counts would be in two series.
  expect(second).toEqual([
    ['b', 3],
    ['e', 7],
    ['__other__', 541],
  ])
  // d has come back with its counts and takes the place of e; c is a new process at the old address.
  expect(third).toEqual([
    ['b', 3],
    ['d', 501],
    ['__other__', 542],
  ])
})

test('shows as many as each page asks for', () => {
  const runtime = createRuntime()
  const instances = ['a', 'b'].map((id) => quietInstance(id))
  runtime.register({ kind: 'balancer', name: 'users', read: () => ({ ...QUIET, instances }) })
  const shownBy = (maxInstances: number): unknown =>
    renderPrometheus({ runtime, maxInstances }).match(/lb_server_active\{.*server="\w+"/g)?.length

  expect([shownBy(1), shownBy(2), shownBy(0)]).toEqual([2, 2, undefined])
  expect(renderPrometheus({ runtime, maxInstances: 2 })).not.toContain('__other__')
})

test('keeps gauges that do not add up out of the sum', () => {
  const numbers = { inFlight: 2, latencyMs: 10, score: 3, state: 'ejected' as const }
  const { samples } = shown(
    { instances: ['a', 'b', 'c'].map((id) => quietInstance(id, numbers)) },
    { maxInstances: 1 },
  )

  expect(samples('server_active')).toEqual({ a: 2, __other__: 4 })
  expect(samples('server_ejected')).toEqual({ a: 1, __other__: 2 })
  expect(samples('server_expected_latency_seconds')).toEqual({ a: 0.01 })
  expect(samples('server_score')).toEqual({ a: 3 })
})

test('adds limits up where all of those in the sum have one', () => {
  const limited = (...limits: readonly (number | undefined)[]): Partial<BalancerReading> => ({
    instances: limits.map((limit, index) => quietInstance(`i${String(index)}`, { limit })),
  })
  const lab = shown(limited(20, 18, 7), { maxInstances: 1 })
  const limits = (...given: readonly (number | undefined)[]): Record<string, number> => {
    lab.reading = limited(...given)
    return lab.samples('server_limit')
  }

  expect(lab.samples('server_limit')).toEqual({ i0: 20, __other__: 25 })
  expect(limits(20, 18, undefined)).toEqual({ i0: 20 })
  expect(limits(undefined, 18, 7)).toEqual({ __other__: 25 })
  // The others have gone: their calls are still shown, and nobody is limited.
  expect(limits(20)).toEqual({ i0: 20 })
})

test('takes any id and zone as a label', () => {
  const wild = 'a"b\\c\n{d="e"} ' + 'x'.repeat(300)
  const { samples } = shown({ instances: [quietInstance(wild, { zone: wild })] }, { maxInstances: 5 })

  expect(Object.keys(samples('server_active'))).toHaveLength(1)
  expect(Object.keys(samples('zone_servers'))).toHaveLength(4)
})

test('counts several balancers of one name together', () => {
  const runtime = createRuntime()
  for (const inFlight of [1, 2]) {
    const instances = [quietInstance('a', { inFlight })]
    runtime.register({ kind: 'balancer', name: 'users', read: () => ({ ...QUIET, inFlight, instances }) })
  }

  const page = renderPrometheus({ runtime, maxInstances: 5 })

  expect(page).toContain('breakwater_lb_requests_active{client="users"} 3\n')
  expect(page).toContain('breakwater_lb_servers{client="users",state="available"} 1\n')
  expect(page).toContain('breakwater_lb_server_active{client="users",server="a"} 3\n')
})

test('sums up the instances of namesakes that are gone, but for those that are there still', () => {
  const runtime = createRuntime()
  const register = (...ids: string[]): (() => void) => {
    const instances = ids.map((id) => quietInstance(id, { calls: { ...NO_CALLS, success: 1 } }))
    return runtime.register({ kind: 'balancer', name: 'users', read: () => ({ ...QUIET, instances }) })
  }
  const served = (): string[] =>
    renderPrometheus({ runtime, maxInstances: 5 })
      .split('\n')
      .filter((line) => /lb_server_requests_total.*success/.test(line))
      .map((line) => line.replace(/.*server="(.+)",outcome="success"} /, '$1 '))
      .sort()
  register('here')
  served()

  for (let round = 0; round < 10; round++) register('here', `gone ${String(round)}`)()

  expect(served()).toEqual(['__other__ 10', 'here 11'])
  expect(served()).toEqual(['__other__ 10', 'here 11'])
})
