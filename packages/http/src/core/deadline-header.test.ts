import { expect, test } from 'vitest'
import { DEADLINE_HEADER, formatDeadline, parseDeadline } from './deadline-header.js'

const EXPECTED = 'x-envoy-expected-rq-timeout-ms'

test.each([
  [DEADLINE_HEADER, 250, '250'],
  [DEADLINE_HEADER, 0.2, '1'],
  [DEADLINE_HEADER, 400 + 2 ** -40, '400'],
  [DEADLINE_HEADER, 0, '0'],
  [DEADLINE_HEADER, -5, '0'],
  [DEADLINE_HEADER, Infinity, '2147483647'],
  [EXPECTED, 1_500.5, '1501'],
  ['x-envoy-upstream-rq-timeout-ms', 0, '1'],
  ['grpc-timeout', 250, '250m'],
  ['grpc-timeout', 0, '0m'],
  ['grpc-timeout', 99_999_999, '99999999m'],
  ['grpc-timeout', 100_000_001, '100001S'],
])('%s with %d ms left says %s', (header, leftMs, expected) => {
  expect(formatDeadline(header, leftMs)).toBe(expected)
})

test('our own header is breakwater-timeout-ms', () => {
  expect(DEADLINE_HEADER).toBe('breakwater-timeout-ms')
})

test.each([
  [DEADLINE_HEADER, '250', 250],
  [DEADLINE_HEADER, ' 250 ', 250],
  [DEADLINE_HEADER, '0', 0],
  [DEADLINE_HEADER, '999999999999999', 2 ** 31 - 1],
  [EXPECTED, '15000', 15_000],
  [EXPECTED, '0', undefined],
  ['grpc-timeout', '250m', 250],
  ['grpc-timeout', '3S', 3_000],
  ['grpc-timeout', '2M', 120_000],
  ['grpc-timeout', '1H', 3_600_000],
  ['grpc-timeout', '1500u', 1.5],
  ['grpc-timeout', '2000000n', 2],
  ['grpc-timeout', '0n', 0],
  ['grpc-timeout', '99999999H', 2 ** 31 - 1],
])('%s: %j leaves %s ms', (header, value, expected) => {
  expect(parseDeadline(header, value)).toBe(expected)
})

test.each(['', '-1', '1.5', '1e9', '0x10', 'NaN', 'Infinity', '1 000', '1, 2', '1000000000000000', '٣'])(
  'a number of milliseconds is not %j',
  (value) => {
    expect(parseDeadline(DEADLINE_HEADER, value)).toBeUndefined()
    expect(parseDeadline(EXPECTED, value)).toBeUndefined()
  },
)

test.each(['', '5', 'm', '-5m', '1.5S', '123456789m', '5s', '5 m', '5mm', '5m, 6m'])(
  'a timeout of gRPC is not %j',
  (value) => {
    expect(parseDeadline('grpc-timeout', value)).toBeUndefined()
  },
)
