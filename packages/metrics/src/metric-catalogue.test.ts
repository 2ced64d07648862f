import { InvalidOptionsError } from '@breakwater/kernel'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { metricCatalogue } from './metric-catalogue.js'
import { VERSION } from './version.js'

const beside = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')

test('follows the naming rules of Prometheus', () => {
  for (const { name, type, help, labels } of metricCatalogue()) {
    expect(name).toMatch(/^breakwater_[a-z]+(?:_[a-z]+)*$/)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    expect(help).toMatch(/^[A-Z].*\.$/)
    expect(labels).not.toContain('le')
    expect(new Set(labels).size).toBe(labels.length)
  }
})

test('lists each metric once', () => {
  const names = metricCatalogue().map(({ name }) => name)

  expect(new Set(names).size).toBe(names.length)
})

test('sums counters and histograms over processes', () => {
  const others = metricCatalogue().filter(({ type, aggregator }) => type !== 'gauge' && aggregator !== 'sum')

  expect(others).toEqual([])
})

test('takes the prefix that is asked for', () => {
  expect(metricCatalogue({ prefix: '' })[0]).toEqual({
    name: 'command_executions_total',
    type: 'counter',
    help: 'Ended calls by outcome, exactly one each.',
    labels: ['command', 'group', 'outcome'],
    aggregator: 'sum',
  })
  expect(() => metricCatalogue({ prefix: ' ' })).toThrow(InvalidOptionsError)
})

test('the README has the table of all metrics', () => {
  const rows = metricCatalogue().map(
    ({ name, type, labels, aggregator, help }) =>
      `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(' ')} | ${aggregator} | ${help} |`,
  )
  const table = beside('README.md')
    .split('\n')
    .filter((line) => line.startsWith('| `breakwater_'))
    .map((line) => line.replace(/ +/g, ' '))

  expect(table).toEqual(rows.map((row) => row.replace(/ +/g, ' ')))
})

test('the version in build_info is that of the package', () => {
  const { version } = JSON.parse(beside('package.json')) as { version: string }

  expect(VERSION, 'src/version.ts lags behind package.json').toBe(version)
})
