import { expect, it } from 'vitest'
import { isInstanceStatus, zoneOf } from './instance-info.js'

const amazon = (metadata: Record<string, string>) => ({ name: 'Amazon', metadata }) as const

it.each([
  ["Amazon's", { dataCenterInfo: amazon({ 'availability-zone': 'a' }), metadata: { zone: 'b' } }, 'a'],
  ['of its metadata', { dataCenterInfo: amazon({}), metadata: { zone: 'b' } }, 'b'],
  ['of its metadata', { dataCenterInfo: { name: 'MyOwn' }, metadata: { zone: 'b' } }, 'b'],
  ['unknown', { dataCenterInfo: { name: 'Netflix' }, metadata: {} }, undefined],
] as const)('the zone of an instance is %s: %j', (_, info, zone) => {
  expect(zoneOf(info)).toBe(zone)
})

it('only metadata of Amazon is asked for a zone of Amazon', () => {
  const dataCenterInfo = { name: 'MyOwn', metadata: { 'availability-zone': 'a' } } as const

  expect(zoneOf({ dataCenterInfo, metadata: {} })).toBeUndefined()
})

it('a status is one of those by its exact name', () => {
  expect(['UP', 'OUT_OF_SERVICE', 'up', '', undefined].map(isInstanceStatus)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
