import { describe, expect, it } from 'vitest'
import { runSteps } from '../steps.js'
import { diffRegistries } from './diff.js'
import * as listed from './list.model.js'
import { contentsOf, delta, full, info, newRegistry, registryOf } from './registry.model.js'

describe('a registry', () => {
  it('has no instances for a VIP that nobody has, safe or not', () => {
    const registry = registryOf([info('a')])

    expect(registry.secureVip('SVIP')).toEqual([expect.objectContaining({ instanceId: 'a' })])
    expect(registry.secureVip('vip')).toEqual([])
    expect(registry.vip('svip')).toEqual([])
    expect(registry.vipOfApp('svip', 'a', true)).toHaveLength(1)
    expect(registry.vipOfApp('svip', 'a')).toEqual([])
    expect(registry.vipOfApp('vip', 'b')).toEqual([])
    expect(registry.byId('b')).toEqual([])
  })

  it('of thousands of instances is the same after a change and its undoing', () => {
    const many = Array.from({ length: 2_100 }, (_, index) =>
      info(`i${String(index)}`, { app: `A${String(index % 7)}` }),
    )
    const before = full(newRegistry(), many)
    const extra = info('extra', { app: 'A0' })

    const { registry: grown } = delta(before, [['ADDED', extra]])
    const { registry: shrunk } = delta(grown, [['DELETED', extra]])

    expect(grown.byId('extra')).toHaveLength(1)
    expect([before.size, grown.size, shrunk.size]).toEqual([2_100, 2_101, 2_100])
    expect(contentsOf(shrunk)).toEqual(contentsOf(before))
  })
})

describe('the VIPs of an instance', () => {
  const vipsOf = (vipAddress: string): string[] => [
    ...registryOf([info('a', { vipAddress })]).data.vips.keys(),
  ]

  it('are the first sixteen that it names', () => {
    const names = Array.from({ length: 17 }, (_, index) => `V${String(index)}`)

    expect(vipsOf(names.join())).toEqual(names.slice(0, 16))
  })

  it('are one each, in whatever case and how often it names them, and never an empty one', () => {
    expect(vipsOf(' a,A , b,,')).toEqual(['A', 'B'])
    expect(registryOf([info('a', { vipAddress: 'a,A' })]).vip('a')).toHaveLength(1)
    expect(vipsOf(',')).toEqual([])
  })
})

describe('two registries', () => {
  it('that share an application differ in the others only', () => {
    const ours = registryOf([info('a'), info('b', { app: 'B' })])
    const { registry: server } = delta(ours, [['MODIFIED', info('b', { app: 'B', status: 'DOWN' })]])

    expect(server.app('A')).toBe(ours.app('A'))
    expect(runSteps(diffRegistries(ours, server)).differences).toMatchObject([
      {
        app: 'B',
        instanceId: 'b',
        kind: 'different',
        fields: ['status'],
        status: 'UP',
        serverStatus: 'DOWN',
      },
    ])
  })

  it.each([
    ['UP', []],
    ['DOWN', ['status']],
  ])('of which one could not use an instance that is %s there differ in %o', (status, fields) => {
    const usable = { instanceId: 'a', status }
    const [ours, server] = [listed.registryOf([{ instanceId: 'a' }]), listed.registryOf([usable])]
    const unusable = listed.registryOf([{ ...usable, hostName: 'a b' }])

    const kinds = [
      runSteps(diffRegistries(ours, unusable)).differences.map((found) => found.fields),
      runSteps(diffRegistries(unusable, server)).differences.map((found) => found.fields),
    ]

    expect(kinds).toEqual([fields.length === 0 ? [] : [fields], []])
  })
})
