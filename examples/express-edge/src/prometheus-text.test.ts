import { expect, test } from 'vitest'
import { parseSamples } from './prometheus-text.ts'

test('reads names, labels and values, and skips comments', () => {
  const page = [
    '# HELP calls_total Calls. # TYPE',
    '# TYPE calls_total counter',
    'calls_total{command="users",outcome="success"} 12',
    'up 1',
    '',
  ].join('\n')

  expect(parseSamples(page)).toEqual([
    { name: 'calls_total', labels: { command: 'users', outcome: 'success' }, value: 12 },
    { name: 'up', labels: {}, value: 1 },
  ])
})

test('reads escaped label values, and braces and commas in them', () => {
  const [sample] = parseSamples('x{a="say \\"hi\\", {you}\\\\\\n"} 0.5')

  expect(sample?.labels).toEqual({ a: 'say "hi", {you}\\\n' })
})

test('reads numbers as Prometheus writes them', () => {
  expect(parseSamples('a 1e-05\nb +Inf\nc 0').map(({ value }) => value)).toEqual([1e-5, Infinity, 0])
})

test.each(['calls_total', 'calls_total{a="1"}', 'calls_total{a=1} 2', 'calls_total many', '{a="1"} 2'])(
  'refuses %j',
  (line) => {
    expect(() => parseSamples(line)).toThrow(line)
  },
)
