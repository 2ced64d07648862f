import { describe, expect, it } from 'vitest'
import { hashOfAll, remoteRegionOf, splitByRegion } from './regions.js'
import { info, listed, registryOf } from './registry.model.js'

const MAP = {
  region: 'us-east-1',
  remoteRegions: ['eu-west-1', 'mars', 'ap-south-1'],
  zonesOfRegions: new Map([['mars', ['olympus', 'us-west-2a']]]),
}
const at = (zone: string) =>
  info(zone, { dataCenterInfo: { name: 'Amazon', metadata: { 'availability-zone': zone } } })

describe('regions', () => {
  it.each([
    ['us-east-1a', undefined],
    ['eu-west-1c', 'eu-west-1'],
    ['olympus', 'mars'],
    ['us-west-2a', 'mars'],
    ['us-west-2b', undefined],
    ['ap-south-1z', 'ap-south-1'],
    ['elsewhere', undefined],
  ])('an instance in %s is in %s', (zone, region) => {
    expect(remoteRegionOf(at(zone), MAP)).toBe(region)
  })

  it('our own is never a remote one, and a zone that is not told is at home', () => {
    const map = { ...MAP, remoteRegions: ['us-east-1'] }
    const nowhere = info('a', { dataCenterInfo: { name: 'Amazon', metadata: {} } })

    expect([remoteRegionOf(at('us-east-1a'), map), remoteRegionOf(nowhere, map)]).toEqual([
      undefined,
      undefined,
    ])
  })

  it('instances that are not at Amazon are at home', () => {
    expect(remoteRegionOf(info('a', { metadata: { zone: 'eu-west-1c' } }), MAP)).toBeUndefined()
  })

  it('an answer is split into one for each region, and nothing is lost', () => {
    const parts = splitByRegion(
      listed([at('eu-west-1c'), at('us-east-1a'), info('b'), at('olympus')], 'UP_4_'),
      MAP,
    )

    expect(Array.from(parts, ([region, { entries }]) => [region, entries.length])).toEqual([
      ['us-east-1', 2],
      ['eu-west-1', 1],
      ['mars', 1],
      ['ap-south-1', 0],
    ])
    expect(parts.get('mars')?.appsHashCode).toBe('UP_4_')
  })

  it('an entry that could not be used is counted at home', () => {
    const unusable = { ...at('eu-west-1c'), hostName: 'a b' }

    const parts = splitByRegion(listed([unusable]), MAP)

    expect(parts.get('us-east-1')?.entries).toMatchObject([{ kind: 'dropped', reason: 'bad-host' }])
    expect(parts.get('eu-west-1')?.entries).toEqual([])
  })

  it('one hash is over all regions', () => {
    expect(hashOfAll([registryOf([info('a')]), registryOf([info('b', { status: 'DOWN' }), info('c')])])).toBe(
      'DOWN_1_UP_2_',
    )
    expect(hashOfAll([])).toBe('')
  })
})
