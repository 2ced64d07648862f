import { expect, test } from 'vitest'
import { exposition } from './exposition.js'
import type { MetricFamily } from './exposition.js'
import type { Labels } from './samples.js'

const family = (name: string, type: MetricFamily['type'], labels: Labels, value = 1): MetricFamily => ({
  name,
  type,
  help: 'Help.',
  groups: [{ labels: {}, samples: [{ suffix: '', labels, value }] }],
})

test('calls a counter of OpenMetrics without its last suffix only', () => {
  const page = exposition([family('total_total_jobs_total', 'counter', [])], true)

  expect(page).toContain('# TYPE total_total_jobs counter\ntotal_total_jobs_total 1\n')
})

test.each([
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('writes %d as %s', (value, text) => {
  expect(exposition([family('a', 'gauge', [], value)], false)).toContain(`\na ${text}\n`)
})

test('writes bounds as floats for OpenMetrics, and nothing else', () => {
  const page = exposition([family('a', 'gauge', [['le', '5']]), family('b', 'gauge', [['zone', '5']])], true)

  expect(page).toContain('a{le="5.0"} 1\n')
  expect(page).toContain('b{zone="5"} 1\n')
})
