import { describe, expect, test } from 'vitest'
import { runSteps } from '../../eureka/core/steps.js'
import type { Instance } from '../../instance.js'
import { readEntries } from './consul-entries.js'
import type { EntryRules } from './consul-entries.js'

const RULES: EntryRules = { zoneKey: 'zone', secure: undefined, maxInstances: 1_000 }
const NODE = { Node: 'n', Address: '10.0.0.1' }
const SERVICE = { ID: 's', Address: '10.0.0.2', Port: 80 }

function read(entry: unknown, rules: Partial<EntryRules> = {}): Instance | undefined {
  return runSteps(readEntries([entry], { ...RULES, ...rules }))?.instances[0]
}

describe('an entry of Consul', () => {
  test.each<[string, unknown]>([
    ['nothing', null],
    ['a list', []],
    [
      'an address that leads elsewhere',
      { Node: NODE, Service: { ...SERVICE, Address: '10.0.0.1@evil.test' } },
    ],
    ['no address at all', { Node: { Node: 'n' }, Service: { ID: 's', Port: 80 } }],
    ['no port', { Node: NODE, Service: { ...SERVICE, Port: 0 } }],
    ['a port that is none', { Node: NODE, Service: { ...SERVICE, Port: 65_536 } }],
    ['a broken port', { Node: NODE, Service: { ...SERVICE, Port: 80.5 } }],
    ['no id', { Node: NODE, Service: { ...SERVICE, ID: '' } }],
    ['no name of a node', { Node: { Address: '10.0.0.1' }, Service: SERVICE }],
    ['an id with a line end', { Node: NODE, Service: { ...SERVICE, ID: 'a\nb' } }],
  ])('with %s is left out', (_what, entry) => {
    expect(runSteps(readEntries([entry], RULES))).toEqual({ instances: [], dropped: 1 })
  })

  test('is judged by its first thousand checks', () => {
    const checks = [...Array.from({ length: 1_000 }, () => ({ Status: 'passing' })), { Status: 'critical' }]
    const statusOf = (list: object[]): unknown => read({ Node: NODE, Service: SERVICE, Checks: list })?.status

    expect([statusOf(checks), statusOf(checks.slice(1))]).toEqual(['UP', 'DOWN'])
  })

  test.each<[string, object, object, string | undefined]>([
    ['its own locality', { Locality: { Zone: 'a' }, Meta: { zone: 'b' } }, { Meta: { zone: 'c' } }, 'a'],
    ['its own metadata', { Meta: { zone: 'b' } }, { Locality: { Zone: 'c' } }, 'b'],
    ['the locality of its node', {}, { Locality: { Zone: 'c' }, Meta: { zone: 'd' } }, 'c'],
    ['the metadata of its node', { Meta: { zone: 5 } }, { Meta: { zone: 'd' } }, 'd'],
    ['nothing', {}, {}, undefined],
  ])('has the zone of %s', (_what, service, node, zone) => {
    expect(read({ Node: { ...NODE, ...node }, Service: { ...SERVICE, ...service } })?.zone).toBe(zone)
  })

  test.each<[unknown, string, number]>([
    [undefined, 'UP', 3],
    ['none', 'UP', 3],
    [[], 'UP', 3],
    [[{ Status: 'passing' }, null], 'UP', 3],
    [[{ Status: 'warning' }, { Status: 'passing' }], 'UP', 0],
    [[{ Status: 'warning' }, { Status: 'critical' }], 'DOWN', 3],
    [[{ Status: 'critical' }, { Status: 'warning' }], 'DOWN', 3],
    [[{ Status: 'strange' }], 'DOWN', 3],
    [[{ Status: 'critical' }, { CheckID: '_node_maintenance', Status: 'critical' }], 'OUT_OF_SERVICE', 3],
    [[{ CheckID: '_node_maintenance', Status: 'passing' }], 'UP', 3],
  ])('with the checks %j is %s and weighs %i', (checks, status, weight) => {
    const service = { ...SERVICE, Weights: { Passing: 3, Warning: 0 } }
    expect(read({ Node: NODE, Service: service, Checks: checks })).toMatchObject({ status, weight })
  })

  test.each<[unknown, number]>([
    [{ Passing: 0 }, 0],
    [{ Passing: 65_535 }, 65_535],
    [{ Passing: 65_536 }, 1],
    [{ Passing: -1 }, 1],
    [{ Passing: 'much' }, 1],
    [undefined, 1],
  ])('with the weights %j weighs %i', (weights, weight) => {
    expect(read({ Node: NODE, Service: { ...SERVICE, Weights: weights } })?.weight).toBe(weight)
  })

  test('speaks TLS as its metadata says, unless the rules do', () => {
    const entry = { Node: NODE, Service: { ...SERVICE, Meta: { secure: 'true' } } }

    expect([read(entry)?.secure, read(entry, { secure: false })?.secure]).toEqual([true, false])
    expect([
      read({ Node: NODE, Service: SERVICE })?.secure,
      read({ Node: NODE, Service: SERVICE }, { secure: true })?.secure,
    ]).toEqual([false, true])
  })
})

test('a list is read in steps, and one that is too long not at all', () => {
  const entries = Array.from({ length: 200 }, (_, index) => ({
    Node: NODE,
    Service: { ...SERVICE, ID: `s${String(index)}` },
  }))
  const steps = readEntries(entries, RULES)
  let pauses = 0
  for (let step = steps.next(); step.done !== true; step = steps.next()) pauses++

  expect(pauses).toBe(3)
  expect(runSteps(readEntries(entries, { ...RULES, maxInstances: 199 }))).toBeUndefined()
  expect(runSteps(readEntries(entries, { ...RULES, maxInstances: 200 }))?.instances).toHaveLength(200)
})
