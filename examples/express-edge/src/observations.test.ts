import { expect, test } from 'vitest'
import { openings, readCommands, rowBetween } from './observations.ts'
import type { CommandNumbers } from './observations.ts'

const PAGE = [
  'breakwater_command_executions_total{command="users",group="http",outcome="success"} 90',
  'breakwater_command_executions_total{command="users",group="http",outcome="timeout"} 10',
  'breakwater_command_executions_total{command="orders",group="http",outcome="success"} 5',
  'breakwater_command_fallbacks_total{command="users",group="http",outcome="success"} 10',
  'breakwater_command_retries_total{command="users",group="http",outcome="success"} 7',
  'breakwater_command_exceptions_thrown_total{command="users",group="http"} 0',
  'breakwater_command_duration_seconds_bucket{command="users",group="http",le="0.01"} 50',
  'breakwater_command_duration_seconds_bucket{command="users",group="http",le="0.02"} 100',
  'breakwater_command_duration_seconds_bucket{command="users",group="http",le="+Inf"} 100',
  'breakwater_circuit_breaker_state{command="users",group="http",state="closed"} 0',
  'breakwater_circuit_breaker_state{command="users",group="http",state="half_open"} 1',
  'breakwater_circuit_breaker_transitions_total{command="users",group="http",from="closed",to="open"} 2',
  'breakwater_circuit_breaker_transitions_total{command="users",group="http",from="half_open",to="open"} 1',
  'breakwater_circuit_breaker_transitions_total{command="users",group="http",from="open",to="half_open"} 3',
].join('\n')

test('reads the numbers of each command from a page of metrics', () => {
  const commands = readCommands(PAGE)

  expect([...commands.keys()]).toEqual(['users', 'orders'])
  expect(commands.get('users')).toMatchObject({
    state: 'half-open',
    executions: { success: 90, timeout: 10 },
    fallbacks: { success: 10 },
    retries: { success: 7 },
    exceptionsThrown: 0,
  })
})

test('counts openings from every state, and nothing else', () => {
  expect(openings(readCommands(PAGE).get('users')!)).toBe(3)
})

test('shows what a command did since the page before', () => {
  const before = numbers({ executions: { success: 100, timeout: 0, short_circuited: 0 } })
  const after = numbers({
    executions: { success: 130, timeout: 10, short_circuited: 60 },
    fallbacks: { success: 70 },
  })

  const row = rowBetween(before, after, 2)

  expect(row).toMatchObject({ ratePerSecond: 50, errorPercent: 25, fallbackPercent: 70 })
})

test('finds percentiles between the bounds of a bucket, of the new calls only', () => {
  const before = numbers({ buckets: bucketsOf([1_000, 1_000, 1_000]) })
  const after = numbers({ buckets: bucketsOf([1_050, 1_100, 1_100]) })
  const { p50Ms, p99Ms } = rowBetween(before, after, 1)

  expect(p50Ms).toBeCloseTo(10)
  expect(p99Ms).toBeCloseTo(19.8)
})

test('takes the highest bound for calls above it', () => {
  expect(rowBetween(undefined, numbers({ buckets: bucketsOf([0, 0, 5]) }), 1).p99Ms).toBe(20)
})

test('shows nothing where nothing was measured', () => {
  const { errorPercent, fallbackPercent, p50Ms } = rowBetween(undefined, numbers({}), 1)

  expect([errorPercent, fallbackPercent, p50Ms]).toEqual([undefined, undefined, undefined])
})

function bucketsOf([first = 0, second = 0, all = 0]: readonly number[]): CommandNumbers['buckets'] {
  return [
    { le: 0.01, count: first },
    { le: 0.02, count: second },
    { le: Infinity, count: all },
  ]
}

function numbers(given: Partial<CommandNumbers>): CommandNumbers {
  const none = {
    state: 'closed',
    executions: {},
    fallbacks: {},
    retries: {},
    transitions: {},
    exceptionsThrown: 0,
    buckets: [],
  }
  return { ...none, ...given }
}
