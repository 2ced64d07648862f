import { expect, test } from 'vitest'
import { readBalancers, readInstances, sharesBetween } from './instance-numbers.ts'
import { parseSamples } from './prometheus-text.ts'

const PAGE = parseSamples(
  [
    'breakwater_lb_requests_total{client="users",outcome="success"} 90',
    'breakwater_lb_requests_total{client="users",outcome="timeout"} 8',
    'breakwater_lb_requests_total{client="users",outcome="failure"} 3',
    'breakwater_lb_requests_total{client="users",outcome="cancelled"} 2',
    'breakwater_lb_requests_total{client="users",outcome="no_instance"} 5',
    'breakwater_lb_requests_total{client="others",outcome="success"} 7',
    'breakwater_lb_server_requests_total{client="users",server="users-1",outcome="success"} 60',
    'breakwater_lb_server_requests_total{client="users",server="users-1",outcome="timeout"} 8',
    'breakwater_lb_server_requests_total{client="users",server="users-2",outcome="success"} 30',
    'breakwater_lb_server_active{client="users",server="users-1"} 5',
  ].join('\n'),
)

test('reads the calls to each instance, and what the balancers counted', () => {
  expect(readInstances(PAGE)).toEqual({ 'users-1': 68, 'users-2': 30 })
  expect([...readBalancers(PAGE)]).toEqual([['users', { successes: 90, failures: 11, calls: 103 }]])
})

test('shares out what was called between two pages', () => {
  const before = { 'users-1': 10 }

  expect(sharesBetween(before, { 'users-1': 40, 'users-2': 10 }, ['users-1', 'users-2', 'users-3'])).toEqual([
    { id: 'users-1', calls: 30, share: 0.75 },
    { id: 'users-2', calls: 10, share: 0.25 },
    { id: 'users-3', calls: 0, share: 0 },
  ])
  expect(sharesBetween(before, before, ['users-1'])).toEqual([{ id: 'users-1', calls: 0, share: undefined }])
})
