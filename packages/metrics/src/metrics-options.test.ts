import { InvalidOptionsError } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import { renderPrometheus } from './render-prometheus.js'

test.each([
  ['prefix', { prefix: '1x' }],
  ['prefix', { prefix: 'x-y' }],
  ['buckets', { buckets: [] }],
  ['buckets', { buckets: [1, 1] }],
  ['buckets', { buckets: [2, 1] }],
  ['buckets[0]', { buckets: [0] }],
  ['buckets[1]', { buckets: [1, Infinity] }],
  ['maxCommands', { maxCommands: 0 }],
  ['runtime', { runtime: {} as never }],
  ['clock', { clock: {} as never }],
  ['bucket', { bucket: [1] } as never],
  ['openMetrics', { openMetrics: 'yes' as never }],
])('refuses a wrong %s', (path, options) => {
  const attempt = (): string => renderPrometheus(options)

  expect(attempt).toThrow(InvalidOptionsError)
  expect(attempt).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path })] }))
})
