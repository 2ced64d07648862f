import { expect, it } from 'vitest'
import { COMPAT_NAMES, lineOf } from './line.js'

/** In which ways Hystrix differs from us. */
const OF_BOTH = [
  'keepsFirstDefinition',
  'beginsStreamsLate',
  'blocksCallers',
  'believesErrors',
  'remembersFirstFallback',
  'takesAnyNumber',
  'cannotGrowPools',
]
const OF_THE_NEWER = ['keepsUnwrappedFromFallback', 'tellsExecutionFirst', 'cutsPercentiles']

it.each([
  [undefined, ['explainsRefusedFallback']],
  ['hystrix-1.5.13', OF_BOTH],
  ['hystrix-1.5.18', [...OF_BOTH, ...OF_THE_NEWER]],
] as const)('with the option %s a command does what it does there', (compat, does) => {
  const line = Object.entries(lineOf(compat))

  expect(line.flatMap(([name, value]) => (value === true ? [name] : [])).sort()).toEqual([...does].sort())
  expect(line.flatMap(([name, value]) => (typeof value === 'boolean' ? [] : [[name, value]]))).toEqual([
    ['compat', compat],
  ])
})

it('offers the options that there are', () => {
  expect(COMPAT_NAMES).toEqual(['hystrix-1.5.18', 'hystrix-1.5.13'])
})
