import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseOpenMetrics, parseText } from '../strict-parser.model.js'
import { exposition } from './exposition.js'
import type { MetricFamily } from './exposition.js'

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', '\\', '\n', '\r', ',', '{', '}', '=', ' ', '#', '\0', '\u2028'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
})
const wellFormed = text.map((value) => value.replace(/\p{Surrogate}/gu, ''))
const number = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.constantFrom(Infinity, -Infinity, 1e21, 5e-324),
)
const groups = fc.uniqueArray(
  fc.record({
    labels: fc.record({ command: wellFormed, group: wellFormed }),
    value: number,
    outcome: wellFormed,
  }),
  { selector: ({ labels }) => JSON.stringify(labels), minLength: 1, maxLength: 5 },
)

test.each([
  ['text', false, parseText],
  ['OpenMetrics', true, parseOpenMetrics],
] as const)(
  'X6: arbitrary help, label values and numbers come back from a strict parser of %s',
  (_, openMetrics, parse) => {
    fc.assert(
      fc.property(wellFormed, groups, (help, given) => {
        const family: MetricFamily = {
          name: 'a_gauge',
          type: 'gauge',
          help,
          groups: given.map(({ labels, outcome, value }) => ({
            labels,
            samples: [{ suffix: '', labels: [['outcome', outcome]], value }],
          })),
        }

        const parsed = parse(exposition([family], openMetrics))

        const samples = given.map(({ labels, outcome, value }) => ({
          name: 'a_gauge',
          labels: { ...labels, outcome },
          value: value + 0,
        }))
        expect(parsed).toEqual([{ name: 'a_gauge', type: 'gauge', help, samples }])
      }),
      { numRuns: 500 },
    )
  },
)

test('X6: an empty page is a page', () => {
  expect(exposition([], false)).toBe('')
  expect(parseOpenMetrics(exposition([], true))).toEqual([])
})
