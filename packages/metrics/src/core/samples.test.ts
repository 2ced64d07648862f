import { LatencyHistogram } from '@breakwater/kernel'
import { expect, test } from 'vitest'
import type { Row } from './row.js'
import { samplesOf } from './samples.js'

const row: Row = {
  name: 'duration_seconds',
  type: 'histogram',
  help: 'Help.',
  labels: [],
  aggregator: 'sum',
  read: () => new LatencyHistogram(),
}

function boundsWith(boundMs: number | undefined, overflow = false): (string | undefined)[] {
  const cells = [{ latency: new LatencyHistogram(), boundMs }]
  return samplesOf(row, 0, { labels: {}, overflow, cells }, [0.1, 1])
    .filter(({ suffix }) => suffix === '_bucket')
    .map(({ labels }) => labels[0]?.[1])
}

test('gives a histogram a bucket at its own bound, in its place', () => {
  expect(boundsWith(500)).toEqual(['0.1', '0.5', '1', '+Inf'])
  expect(boundsWith(100)).toEqual(['0.1', '1', '+Inf'])
})

test('has no bucket of their own for those who are summed up', () => {
  expect(boundsWith(500, true)).toEqual(['0.1', '1', '+Inf'])
})

test.each([undefined, 0, -1, NaN, Infinity])('has no bucket at a bound of %s', (boundMs) => {
  expect(boundsWith(boundMs)).toEqual(['0.1', '1', '+Inf'])
})
