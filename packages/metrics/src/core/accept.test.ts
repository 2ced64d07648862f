import { expect, test } from 'vitest'
import { wantsOpenMetrics } from './accept.js'

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'

test.each([
  ['Prometheus 2', PROMETHEUS_2, true],
  ['Prometheus 3', PROMETHEUS_3, true],
  ['no header', undefined, false],
  ['curl', '*/*', false],
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
  ['OpenMetrics of any version', 'application/openmetrics-text', true],
  ['an older OpenMetrics only', 'application/openmetrics-text; version=0.0.1', false],
  ['OpenMetrics refused', 'application/openmetrics-text; version=1.0.0; q=0', false],
  [
    'text preferred',
    'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.6',
    false,
  ],
  ['no preference', 'text/plain,application/openmetrics-text', true],
  ['text refused', 'text/plain;q=0,*/*;q=1,application/openmetrics-text;q=0.1', true],
  ['odd spelling', ' Application/OpenMetrics-Text ; Version = "1.0.0" ; Q=1.0 , text/*;q=0.9', true],
  ['any text preferred', 'application/openmetrics-text;q=0.5,text/*;q=0.9', false],
  [
    'the best of several wishes',
    'application/openmetrics-text;q=0.1,application/openmetrics-text,text/plain;q=0.5',
    true,
  ],
  ['anything preferred', 'application/openmetrics-text;q=0.5,*/*;q=0.9', false],
  ['no quality', 'application/openmetrics-text;q', false],
  ['too much quality', 'application/openmetrics-text;q=2', false],
  ['spaces in a parameter', 'application/openmetrics-text; q = 0', false],
  ['as long as it may be', 'application/openmetrics-text'.padEnd(4_096), true],
  ['too long', 'application/openmetrics-text'.padEnd(4_097), false],
  ['nonsense', ';;q==;,=,application/openmetrics-text;q=many', false],
])('%s: decides by the header alone', (_, accept, expected) => {
  expect(wantsOpenMetrics(accept)).toBe(expected)
})

test('reads a hostile header in a moment', () => {
  expect(wantsOpenMetrics('application/openmetrics-text,'.repeat(100_000))).toBe(false)
})
